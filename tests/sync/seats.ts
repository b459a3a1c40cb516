/** Seats as real core processes that work with a centre. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { noCaseFilter } from '../../shared/contract/seat.ts'
import { emptyCaseFields } from '../../shared/domain/case.ts'
import { beforeItServes, codesOf } from '../support/callback-centre.ts'
import { type CoreProcess, startCore } from '../support/core-process.ts'
import { until } from '../support/seat-process.ts'

export type Filed = { caseId: string; caseNumber: string }

/** A seat that can be killed at any moment; what it was told that it is kept is in `filed` and `remarks`. */
export class TestSeat {
  readonly folder = mkdtempSync(join(tmpdir(), 'zuoxi-seat-'))
  readonly filed: Filed[] = []
  readonly remarks: { caseId: string; entryId: string }[] = []
  #core: CoreProcess | null = null
  /** Only its core is killed: the session goes on. */
  #resume: Uint8Array | null = null

  get core(): CoreProcess {
    if (this.#core === null) throw new Error('the seat is not running')
    return this.#core
  }
  get running(): boolean {
    return this.#core !== null
  }

  async start(): Promise<void> {
    this.#core = await startCore(this.folder, {}, () => null, this.#resume)
    await this.core.opened()
  }

  /** Enrols the seat at the centre, and signs in there: who files proves it. */
  async enrol(url: string, code: string, operatorId = 'demo-1001'): Promise<void> {
    await this.enrolByHand(url, code)
    await this.signInAtCentre(operatorId.replace('demo-', ''))
  }

  /** By the administrator of the seat's own list, whose session ends with it. */
  async enrolByHand(url: string, code: string): Promise<void> {
    await this.core.seat.identity.signIn({ operatorId: 'demo-9001' })
    await this.core.seat.settings.save({ settings: { centreUrl: url } })
    await until(
      async () => (await this.core.seat.sync.status({})).centre !== 'none',
      10_000,
      'the centre to be known',
    )
    await this.core.seat.sync.enrol({ code })
  }

  /** Under the demonstration's password; whoever is there leaves first. */
  async signInAtCentre(workNumber: string): Promise<void> {
    const { identity, seat } = this.core.seat
    if ((await seat.status({})).operator !== null) await identity.signOut({})
    await identity.signInByNumber({ workNumber, password: 'yanshi-12345' })
  }

  async kill(): Promise<void> {
    const core = this.#core
    this.#core = null
    this.#resume = core?.resume() ?? null
    await core?.kill()
  }

  /** Files a case. It counts as kept only when the seat has said so; a seat that was killed meanwhile may have kept it too. */
  async file(title: string): Promise<Filed> {
    const { seat } = this.core
    const draft = await seat.drafts.open({ callId: null, callingNumber: '', contactNumber: '' })
    const filed = await seat.cases.submit({
      draftId: draft.draftId,
      fields: {
        ...emptyCaseFields,
        callerName: '何女士',
        contactNumber: '19900000101',
        title,
        content: `${title}，请尽快处理。`,
        disposition: 'accept',
      },
    })
    this.filed.push({ caseId: filed.caseId, caseNumber: filed.caseNumber })
    return filed
  }

  async remark(caseId: string, text: string): Promise<void> {
    const entryId = randomUUID()
    await this.core.seat.cases.addRemark({ caseId, requestId: entryId, text })
    this.remarks.push({ caseId, entryId })
  }

  /** Every case that this seat holds, by id: version, status, fields, and which entries its history has. */
  async replica(): Promise<Map<string, unknown>> {
    const { seat } = this.core
    const found = new Map<string, unknown>()
    let cursor: string | null = null
    do {
      const page: Awaited<ReturnType<typeof seat.cases.list>> = await seat.cases.list({
        filter: noCaseFilter,
        limit: 100,
        cursor,
      })
      for (const { caseId } of page.cases) {
        const { caseNumber, version, status, fields, history } = await seat.cases.get({ caseId })
        const entries = history.map(({ entryId }) => entryId).sort()
        found.set(caseId, { caseNumber, version, status, fields, entries })
      }
      cursor = page.nextCursor
    } while (cursor !== null)
    return found
  }

  async settled(withinMs: number): Promise<void> {
    await until(
      async () => {
        const { waiting, centre, catchUp } = await this.core.seat.sync.status({})
        return waiting === 0 && centre === 'online' && catchUp === null
      },
      withinMs,
      'everything to arrive',
    )
  }

  async remove(): Promise<void> {
    await this.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Made on the database itself. An embedded one belongs to one process: before it serves. */
export const enrolmentCodes = (count: number, folder: string, databaseUrl?: string): Promise<string[]> =>
  beforeItServes(folder, databaseUrl, central => codesOf(central, count))
