/**
 * What comes in by internet channels (互联网受理), until a seat has made a case of it. Claims are one statement each: of two seats one
 * gets it, whichever process they ask.
 */
import { createHash } from 'node:crypto'
import type { CentralOperator } from '../../shared/contract/central.ts'
import {
  type IntakeClaim,
  type IntakeContent,
  type IntakeFile,
  type IntakeItem,
  type IntakeProgress,
  intakeContent,
  maxIntakeListed,
  maxIntakePerMinute,
} from '../../shared/contract/central-intake.ts'
import type { Attachment } from '../../shared/domain/command.ts'
import { maskNumber, normalizeNumber } from '../../shared/domain/phone-number.ts'
import { plainText } from '../../shared/domain/plain-text.ts'
import type { CentralContext } from '../context.ts'
import { isoNow } from '../context.ts'
import type { Device } from '../identity/devices.ts'
import { Refusal } from '../refusal.ts'
import { giveFiles, namedFiles } from './intake-files.ts'
import { createProgress, newProgressCode } from './progress.ts'

const leaseSeconds = 600
/** Of one telephone number by the public form, in a day. */
const publicPerDay = 5
export const publicChannel = '公众网页'

type Who = { device: Device; operator: CentralOperator }
type Row = {
  intake_id: string
  channel: string
  received_at: Date
  content: string
  attachments: string
  fence: number
  lease_operator: string | null
  lease_until: Date | null
}

export type Intake = {
  /** INTAKE_DIFFERS, RATE_LIMITED; FILES_TOO_MANY, FILE_NAME_INVALID, FILE_REFUSED, INTAKE_FILE_MISSING: nothing is taken then. */
  post(
    channel: string,
    channelId: string,
    content: IntakeContent,
    attachments?: readonly IntakeFile[],
    branch?: string,
  ): Promise<{ intakeId: string; duplicate: boolean; progressCode: string | null }>
  /**
   * What this person's branch may see: what names it, and of what names none that which the centre lets it see and no other branch
   * has in hand. Everything else looks as if it did not exist, for all that follows too.
   */
  list(who: Who): Promise<IntakeItem[]>
  /** INTAKE_HELD, INTAKE_CLOSED. */
  claim(who: Who, intakeId: string): Promise<IntakeClaim>
  /** Of an item that is held by this claim. LEASE_NOT_YOURS. */
  attachments(who: Who, intakeId: string, fence: number): Promise<Attachment[]>
  release(who: Who, intakeId: string, fence: number): Promise<void>
  filed(who: Who, intakeId: string, fence: number, caseId: string): Promise<void>
  drop(who: Who, intakeId: string, fence: number, reason: string): Promise<void>
  /** By the number and the code that somebody was told; null says no more than that. RATE_LIMITED. */
  progress(number: string, code: string): Promise<IntakeProgress | null>
}

export function createIntake(
  context: CentralContext,
  options: { areaCode: string; intakeBranches: readonly string[] | null },
): Intake {
  const { sql, clock, random } = context
  const keyOf = (phone: string) => normalizeNumber(phone, options).key
  const newId = () => {
    const day = new Date(clock.now() + 8 * 3_600_000).toISOString().slice(0, 10).replaceAll('-', '')
    const drawn = Buffer.from(random.bytes(5)).toString('hex').toUpperCase()
    return `W${day}-${drawn}`
  }
  const audit = ({ device, operator }: Who, action: string, intakeId: string, result: string) =>
    sql.query(
      `INSERT INTO audit (at, client_id, operator_id, employer, action, subject_kind, subject_id, result)
       VALUES ($1, $2, $3, $4, $5, 'intake', $6, $7)`,
      [isoNow(clock), device.clientId, operator.operatorId, operator.employer, action, intakeId, result],
    )

  /** Of the rows of `intake`: those within reach. Parameters: the branch (null: of all), the branches by option (null: every one), now. */
  const inReach = (
    branch: number,
    allowed: number,
    now: number,
  ) => `($${branch}::text IS NULL OR branch = $${branch}
    OR (branch IS NULL AND ($${allowed}::text[] IS NULL OR $${branch} = ANY ($${allowed}::text[]))
      AND (state = 'open' OR lease_branch IS NULL OR lease_branch = $${branch} OR (state = 'claimed' AND lease_until <= $${now}))))`
  const reachOf = ({ operator }: Who): [string | null, readonly string[] | null, string] => [
    operator.allBranches === true ? null : operator.branch,
    options.intakeBranches,
    isoNow(clock),
  ]

  /** What the holder ends. Done already by the same holder with the same end, it is done. */
  const end = async (
    who: Who,
    intakeId: string,
    fence: number,
    to: { state: 'open' | 'filed' | 'dropped'; caseId: string | null; reason: string },
  ) => {
    const rows = await sql.query(
      `UPDATE intake SET state = $4, case_id = $5, reason = $6, lease_until = NULL
       WHERE intake_id = $1 AND fence = $2 AND lease_operator = $3
         AND (state = 'claimed' OR (state = $4 AND case_id IS NOT DISTINCT FROM $5)) AND ${inReach(7, 8, 9)} RETURNING 1`,
      [intakeId, fence, who.operator.operatorId, to.state, to.caseId, to.reason, ...reachOf(who)],
    )
    const action = `intake.${to.state === 'open' ? 'release' : to.state}`
    await audit(who, action, intakeId, rows.length > 0 ? 'done' : 'LEASE_NOT_YOURS')
    if (rows.length === 0) throw new Refusal('LEASE_NOT_YOURS')
  }

  return {
    post: async (channel, channelId, given, attachments = [], branch) => {
      if (![channelId, branch ?? ''].every(text => !text.includes('\u0000') && text.isWellFormed()))
        throw new Refusal('BAD_REQUEST')
      const { kind, confidential, replyWanted } = given
      const line = (name: 'name' | 'phone' | 'title' | 'place') => plainText(given[name]).replace(/\n+/g, ' ')
      const content: IntakeContent = {
        name: line('name'),
        phone: line('phone'),
        kind,
        title: line('title'),
        content: plainText(given.content),
        place: line('place'),
        confidential,
        replyWanted,
      }
      const key = keyOf(content.phone)
      if (content.content === '' || key === null) throw new Refusal('BAD_REQUEST')
      const named = namedFiles(attachments)
      const whole = {
        ...content,
        ...(named.length === 0 ? {} : { attachments: named }),
        ...(branch === undefined ? {} : { branch }),
      }
      const digest = createHash('sha256').update(JSON.stringify(whole)).digest('base64url')
      // Nobody is told how far a confidential caller's request is.
      const shown = (code: string | null) => (confidential ? null : code)
      return sql.transaction(async tx => {
        // One channel's posts stand in a line: what is counted here holds until it is written.
        await tx.query('SELECT pg_advisory_xact_lock(12345, hashtext($1))', [channel])
        const [known] = await tx.query<{ intake_id: string; digest: string; progress_code: string | null }>(
          'SELECT intake_id, digest, progress_code FROM intake WHERE channel = $1 AND channel_id = $2',
          [channel, channelId],
        )
        if (known !== undefined) {
          if (known.digest !== digest) throw new Refusal('INTAKE_DIFFERS')
          return { intakeId: known.intake_id, duplicate: true, progressCode: shown(known.progress_code) }
        }
        const [recent] = await tx.query<{ minute: number; number: number }>(
          `SELECT count(*) FILTER (WHERE received_at > $2)::int AS minute,
                  count(*) FILTER (WHERE number_key = $3)::int AS number
           FROM intake WHERE channel = $1 AND received_at > $4`,
          [
            channel,
            new Date(clock.now() - 60_000).toISOString(),
            key,
            new Date(clock.now() - 86_400_000).toISOString(),
          ],
        )
        if ((recent?.minute ?? 0) >= maxIntakePerMinute) throw new Refusal('RATE_LIMITED')
        if (channel === publicChannel && (recent?.number ?? 0) >= publicPerDay)
          throw new Refusal('RATE_LIMITED')
        const intakeId = newId()
        const code = newProgressCode(random)
        const given = await giveFiles(tx, channel, intakeId, named)
        await tx.query(
          `INSERT INTO intake (intake_id, channel, channel_id, digest, received_at, content, attachments, number_key, progress_code, branch, state)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'open')`,
          [
            intakeId,
            channel,
            channelId,
            digest,
            isoNow(clock),
            JSON.stringify(content),
            JSON.stringify(given),
            key,
            code,
            branch ?? null,
          ],
        )
        return { intakeId, duplicate: false, progressCode: shown(code) }
      })
    },

    list: async who => {
      const rows = await sql.query<Row & { name: string | null }>(
        `SELECT i.*, o.name FROM (
           SELECT * FROM intake WHERE state IN ('open', 'claimed') AND ${inReach(1, 2, 3)}
           ORDER BY received_at, intake_id LIMIT ${maxIntakeListed}
         ) i LEFT JOIN operator o ON o.operator_id = i.lease_operator ORDER BY received_at, intake_id`,
        reachOf(who),
      )
      const now = clock.now()
      return rows.map(row => {
        const { title, content, place, phone } = intakeContent.parse(JSON.parse(row.content))
        const until = row.lease_until
        const isHeld = row.lease_operator !== null && until !== null && until.getTime() > now
        return {
          intakeId: row.intake_id,
          channel: row.channel,
          receivedAt: row.received_at.toISOString(),
          title: title === '' ? Array.from(content).slice(0, 40).join('') : title,
          place,
          phone: maskNumber(phone),
          attachments: (JSON.parse(row.attachments) as Attachment[]).length,
          heldBy: isHeld
            ? {
                operatorId: row.lease_operator ?? '',
                operatorName: row.name ?? '',
                until: until.toISOString(),
              }
            : null,
        }
      })
    },

    claim: async (who, intakeId) => {
      if (intakeId.includes('\u0000')) throw new Refusal('NOT_FOUND')
      const now = clock.now()
      const [row] = await sql.query<Row>(
        `UPDATE intake SET state = 'claimed', lease_seat = $2, lease_operator = $3, lease_until = $5, lease_branch = $6,
           fence = fence + CASE WHEN state = 'claimed' AND lease_seat = $2 AND lease_operator = $3 THEN 0 ELSE 1 END
         WHERE intake_id = $1 AND (state = 'open' OR (state = 'claimed'
           AND (lease_until <= $4 OR (lease_seat = $2 AND lease_operator = $3)))) AND ${inReach(7, 8, 4)} RETURNING *`,
        [
          intakeId,
          who.device.seatId,
          who.operator.operatorId,
          new Date(now).toISOString(),
          new Date(now + leaseSeconds * 1_000).toISOString(),
          who.device.branch,
          ...reachOf(who).slice(0, 2),
        ],
      )
      if (row === undefined) {
        const [there] = await sql.query<{ state: string }>(
          `SELECT state FROM intake WHERE intake_id = $1 AND ${inReach(2, 3, 4)}`,
          [intakeId, ...reachOf(who)],
        )
        const code =
          there === undefined ? 'NOT_FOUND' : there.state === 'claimed' ? 'INTAKE_HELD' : 'INTAKE_CLOSED'
        await audit(who, 'intake.claim', intakeId, code)
        throw new Refusal(code)
      }
      await audit(who, 'intake.claim', intakeId, 'done')
      return {
        intakeId,
        channel: row.channel,
        receivedAt: row.received_at.toISOString(),
        content: intakeContent.parse(JSON.parse(row.content)),
        attachments: JSON.parse(row.attachments) as Attachment[],
        fence: row.fence,
        leaseSeconds,
      }
    },

    attachments: async (who, intakeId, fence) => {
      if (intakeId.includes('\u0000')) throw new Refusal('NOT_FOUND')
      const [row] = await sql.query<{ attachments: string }>(
        `SELECT attachments FROM intake
         WHERE intake_id = $1 AND state = 'claimed' AND fence = $2 AND lease_operator = $3 AND ${inReach(4, 5, 6)}`,
        [intakeId, fence, who.operator.operatorId, ...reachOf(who)],
      )
      await audit(who, 'intake.attachment', intakeId, row === undefined ? 'LEASE_NOT_YOURS' : 'done')
      if (row === undefined) throw new Refusal('LEASE_NOT_YOURS')
      return JSON.parse(row.attachments) as Attachment[]
    },

    release: (who, intakeId, fence) => end(who, intakeId, fence, { state: 'open', caseId: null, reason: '' }),
    filed: (who, intakeId, fence, caseId) =>
      end(who, intakeId, fence, { state: 'filed', caseId, reason: '' }),
    drop: (who, intakeId, fence, reason) =>
      end(who, intakeId, fence, { state: 'dropped', caseId: null, reason }),

    progress: createProgress(context),
  }
}
