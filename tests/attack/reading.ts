/** Section C: what one may not read, by every way that leads to it. */
import { randomUUID } from 'node:crypto'
import { type Attack, createFindings } from './attack.ts'
import { type As, type World } from './world.ts'

const unknownCase = () => randomUUID()

/** Two cases of the own branch: an ordinary and a confidential one, with a phone number of their own. */
async function makeCases(world: World) {
  const { own } = world.seats
  const agent = await own.signIn('agent')
  const number = `199${String(Math.floor(Math.random() * 1e8)).padStart(8, '0')}`
  const fields = { callingNumber: number, contactNumber: number }
  return {
    number,
    plain: await own.file(agent, fields),
    confidential: await own.file(agent, { ...fields, confidential: true }),
  }
}

export const readingAttacks: Attack<World>[] = [
  {
    name: 'cases of another branch are read by their ids',
    by: 'colleague',
    run: async world => {
      const { findings, found } = createFindings()
      const made = await makeCases(world)
      for (const who of ['otherAgent', 'otherLead', 'otherAdmin'] as const) {
        const as: As = { seat: world.seats.other, session: await world.seats.other.signIn(who) }
        const none = await world.ask('GET', `/v1/cases/${unknownCase()}`, as)
        for (const caseId of [made.plain, made.confidential]) {
          const answer = await world.ask('GET', `/v1/cases/${caseId}`, as)
          found(answer.status === 200, `${who} read a case`)
          found(
            answer.text !== none.text || answer.status !== none.status,
            `${who}: the answer tells that the case exists`,
          )
        }
      }
      return findings
    },
  },
  {
    name: 'a caller’s history shows or counts what one may not read',
    by: 'colleague',
    run: async world => {
      const { findings, found } = createFindings()
      const made = await makeCases(world)
      const counts = async (as: As) => {
        const { body } = await world.ask('GET', `/v1/callers/${made.number}`, as)
        return body as {
          cases: { caseId: string }[]
          caseCount: number
          openCaseCount: number
          hiddenCount: number
        }
      }
      const colleague = await counts({
        seat: world.seats.own,
        session: await world.seats.own.signIn('colleague'),
      })
      found(
        colleague.caseCount + colleague.hiddenCount > 1,
        'a colleague learns that there is a confidential case',
      )
      found(
        colleague.cases.some(({ caseId }) => caseId === made.confidential),
        'a colleague sees the confidential case',
      )
      found(
        !colleague.cases.some(({ caseId }) => caseId === made.plain),
        'a colleague does not see the ordinary case',
      )
      const other = await counts({
        seat: world.seats.other,
        session: await world.seats.other.signIn('otherLead'),
      })
      found(other.cases.length > 0, 'a lead of another branch sees cases')
      return findings
    },
  },
  {
    name: 'a session is used at a seat that is not its own',
    by: 'thief of a seat',
    run: async world => {
      const { findings, found } = createFindings()
      const made = await makeCases(world)
      const session = await world.seats.own.signIn('lead')
      for (const seat of [world.seats.other, world.seats.second]) {
        const answer = await world.ask('GET', `/v1/cases/${made.plain}`, { seat, session })
        found(answer.status === 200, 'the token worked at another seat')
        const refreshed = await world.ask(
          'POST',
          '/v1/sessions/refresh',
          { seat },
          { refreshToken: session.refreshToken },
        )
        found(refreshed.status === 200, 'the refresh token worked at another seat')
      }
      return findings
    },
  },
  {
    name: 'a person signs in at a seat of another branch',
    by: 'colleague',
    run: async world => {
      const { findings, found } = createFindings()
      const came = await world.seats.other.signIn('agent').catch(() => null)
      found(came !== null, 'an agent came in at another branch')
      const city = await world.seats.other.signIn('cityAdmin').catch(() => null)
      found(city === null, 'somebody who works for the whole city was refused')
      return findings
    },
  },
  {
    name: 'the feed of another branch’s seat carries what nobody there may read',
    by: 'thief of a seat',
    run: async world => {
      const { findings, found } = createFindings()
      const made = await makeCases(world)
      await new Promise(resolve => setTimeout(resolve, 1_500))
      let cursor = ''
      for (let pages = 0; pages < 50; pages += 1) {
        const page = await world.ask(
          'GET',
          `/v1/changes${cursor === '' ? '' : `?cursor=${encodeURIComponent(cursor)}`}`,
          { seat: world.seats.other },
        )
        for (const caseId of [made.plain, made.confidential])
          found(
            page.text.includes(caseId),
            `the feed names ${caseId === made.plain ? 'a case' : 'a confidential case'}`,
          )
        const body = page.body as { cursor: string; more: boolean }
        cursor = body.cursor
        if (!body.more) break
      }
      return findings
    },
  },
  {
    name: 'hundreds of numbers are looked up',
    by: 'contractor',
    run: async world => {
      const { findings, found } = createFindings()
      const as: As = { seat: world.seats.own, session: await world.seats.own.signIn('contractor') }
      let answered = 0
      for (let n = 0; n < 300; n += 1) {
        const answer = await world.ask('GET', `/v1/callers/1990000${String(n).padStart(4, '0')}`, as)
        if (answer.status === 200) answered += 1
      }
      found(answered === 300, 'all 300 lookups were answered')
      const rows = await world.sql.query<{ action: string }>(
        "SELECT action FROM audit WHERE operator_id = 'a-contractor' AND action = 'caller.lookup'",
      )
      found(rows.length < answered, `${answered} lookups left ${rows.length} rows in the audit`)
      const alarms = await world.sql.query("SELECT 1 FROM audit WHERE action LIKE 'alarm%'")
      found(alarms.length === 0, 'a run of lookups raised no alarm')
      return findings
    },
  },
]
