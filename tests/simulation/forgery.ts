/** What a thief of a seat sends: its device credential is good, and the person it names did not say it. */
import { type Command, commandSchemaVersion } from '../../shared/domain/command.ts'
import { commandProof } from '../../shared/domain/command-proof.ts'
import { signCommand } from '../support/sign-command.ts'
import type { SimCentre } from './centre.ts'
import type { Kept } from './ledger.ts'
import type { Forgery } from './schedule.ts'

const monthMs = 30 * 24 * 3_600_000

export function forgeryOf(
  { credential, proof, operatorId, far }: SimCentre['thief'],
  { by, pick, way }: { by: string; pick: number; way: Forgery },
  world: {
    /** What honest seats have written and proved. */
    honest: readonly Kept[]
    cases: readonly { case_id: string; branch: string }[]
    seq: number
    id(): string
    now: number
  },
): { command: Command; isHostile: boolean } | null {
  const { clientId } = credential
  const { seq, id, now } = world
  const about = world.cases[pick % Math.max(1, world.cases.length)]
  const caseId = about?.case_id ?? id()
  const remark: Command = {
    clientId,
    seq,
    id: id(),
    operatorId: by,
    caseId,
    schemaVersion: commandSchemaVersion,
    name: 'case.addRemark',
    args: { entryId: id(), text: `伪造 ${way}` },
    baseVersion: null,
    issuedAt: new Date(now).toISOString(),
  }
  const kept = world.honest[pick % Math.max(1, world.honest.length)]
  const honest = (): Command | null =>
    kept === undefined
      ? null
      : {
          clientId,
          seq,
          id: kept.id,
          operatorId: kept.operatorId,
          caseId: kept.caseId,
          schemaVersion: kept.schemaVersion,
          name: kept.name,
          args: JSON.parse(kept.args) as unknown,
          baseVersion: kept.baseVersion,
          issuedAt: kept.issuedAt,
          proof: commandProof.parse(JSON.parse(kept.proof ?? '{}')),
        }
  switch (way) {
    case 'unproved':
      return { command: { ...remark, schemaVersion: 1 + (pick % commandSchemaVersion) }, isHostile: true }
    case 'replayed': {
      // Honest as it stands: it takes effect once, under the name of whoever wrote it.
      const command = honest()
      return command === null ? null : { command, isHostile: false }
    }
    case 'altered': {
      const command = honest()
      return command === null
        ? null
        : { command: { ...remark, operatorId: command.operatorId, proof: command.proof }, isHostile: true }
    }
    case 'borrowed': {
      const isOwn = by === operatorId
      return isOwn ? null : { command: signCommand(remark, proof), isHostile: true }
    }
    case 'cross-branch':
      // Who they say, and of another branch than the case.
      return {
        command: signCommand({ ...remark, operatorId: far.operatorId }, far.proof),
        isHostile: about?.branch !== far.branch,
      }
    case 'backdated': {
      const issuedAt = new Date(now - monthMs * (1 + pick)).toISOString()
      // Theirs to say; the time at which it counts is the centre's.
      return { command: signCommand({ ...remark, operatorId, issuedAt }, proof), isHostile: false }
    }
  }
}
