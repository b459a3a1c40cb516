/** Cases, calls, callbacks and profiles are found by the number's key. When the rule changes, the stored keys are made again. */
import { callRecord } from '../../shared/domain/call.ts'
import { normalizeNumber, numberRuleVersion } from '../../shared/domain/phone-number.ts'
import { type Queries, rowsOf, type Sql } from './sql.ts'

const stateName = 'number-rule'
/** Any constant; advisory locks of the centre begin with these digits. */
const renewalLock = 12_345_005
const rowsAtOnce = 1_000

type Row = Record<string, string | null>

/** Once for each version of the rule, in one transaction, whichever process comes first. What has its key already is not touched. */
export async function renewNumberKeys(sql: Sql, areaCode: string): Promise<void> {
  if (await isRenewed(sql)) return
  // Another process may be at it for a long time; so may this one.
  await sql.patientTransaction(async tx => {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [renewalLock])
    if (await isRenewed(tx)) return
    const keyOf = (raw: unknown) => (typeof raw === 'string' ? normalizeNumber(raw, { areaCode }).key : null)
    // A seat of another area made the key of its call: it knows better what a local number was.
    const renewed = (key: string | null | undefined, raw: unknown) =>
      key === null || key === undefined ? keyOf(raw) : (keyOf(key) ?? key)
    await renew(tx, 'cases', ['case_id'], ['calling_key', 'contact_key'], 'fields', row => {
      const { callingNumber, contactNumber } = read(row.fields) as {
        callingNumber?: unknown
        contactNumber?: unknown
      }
      return { calling_key: keyOf(callingNumber), contact_key: keyOf(contactNumber) }
    })
    await renew(tx, 'intake', ['intake_id'], ['number_key'], 'content', row => ({
      number_key: keyOf((read(row.content) as { phone?: unknown }).phone),
    }))
    await renew(tx, 'call_record', ['seat_id', 'call_id'], ['number_key'], 'record', row => {
      const record = callRecord.safeParse(read(row.record))
      if (!record.success) return { number_key: row.number_key ?? null }
      const { direction, facts } = record.data
      return {
        number_key: renewed(
          row.number_key,
          direction === 'inbound' ? facts.callerNumber : facts.calledNumber,
        ),
      }
    })
    for (const [table, id] of [
      ['missed_call', 'original_call_id'],
      ['answered_contact', 'contact_id'],
    ] as const)
      await renew(tx, table, [id], ['number_key'], null, row => ({
        number_key: renewed(row.number_key, null),
      }))
    await renewUnique(tx, keyOf)
    await tx.query(
      'INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
      [stateName, String(numberRuleVersion)],
    )
  })
}

const isRenewed = async (queries: Queries): Promise<boolean> => {
  const [row] = await queries.query<{ value: string }>('SELECT value FROM meta WHERE name = $1', [stateName])
  return row?.value === String(numberRuleVersion)
}

const read = (text: string | null | undefined): unknown => {
  try {
    return JSON.parse(text ?? '{}') ?? {}
  } catch {
    return {}
  }
}

/** Walks the table by its primary key and writes back the rows of which a key changed. */
async function renew(
  tx: Queries,
  table: string,
  id: readonly string[],
  keys: readonly string[],
  source: string | null,
  keysOf: (row: Row) => Row,
): Promise<void> {
  const columns = Object.fromEntries([...id, ...keys].map(name => [name, 'text']))
  const names = [...id, ...keys, ...(source === null ? [] : [source])].join(', ')
  let after = id.map(() => '')
  for (;;) {
    const rows = await tx.query<Row>(
      `SELECT ${names} FROM ${table} WHERE (${id.join(', ')}) > (${id.map((_, at) => `$${at + 1}`).join(', ')})
       ORDER BY ${id.join(', ')} LIMIT ${rowsAtOnce}`,
      after,
    )
    const last = rows.at(-1)
    if (last === undefined) return
    after = id.map(name => last[name] ?? '')
    const changed = rows.flatMap(row => {
      const made = keysOf(row)
      if (keys.every(name => made[name] === row[name])) return []
      return [Object.fromEntries([...id.map(name => [name, row[name]]), ...Object.entries(made)])]
    })
    if (changed.length > 0)
      await tx.query(
        `UPDATE ${table} t SET ${keys.map(name => `${name} = r.${name}`).join(', ')}
         FROM ${rowsOf(columns, 'r')} WHERE ${id.map(name => `t.${name} = r.${name}`).join(' AND ')}`,
        [JSON.stringify(changed)],
      )
  }
}

/** Of two profiles that become one the newer stays; of two open callbacks the one that has the key keeps it. */
async function renewUnique(tx: Queries, keyOf: (raw: unknown) => string | null): Promise<void> {
  const profiles = await tx.query<{ number_key: string }>('SELECT number_key FROM caller_profile ORDER BY at')
  for (const { number_key: old } of profiles) {
    const key = keyOf(old)
    if (key === null || key === old) continue
    await tx.query(
      'DELETE FROM caller_profile p USING caller_profile o WHERE p.number_key = $1 AND o.number_key = $2 AND p.at <= o.at',
      [key, old],
    )
    await tx.query(
      `UPDATE caller_profile SET number_key = $1 WHERE number_key = $2
       AND NOT EXISTS (SELECT 1 FROM caller_profile WHERE number_key = $1)`,
      [key, old],
    )
    await tx.query('DELETE FROM caller_profile WHERE number_key = $1', [old])
  }
  const tasks = await tx.query<{ number_key: string }>(
    'SELECT DISTINCT number_key FROM callback_task WHERE number_key IS NOT NULL',
  )
  for (const { number_key: old } of tasks) {
    const key = keyOf(old)
    if (key === null || key === old) continue
    await tx.query(
      `UPDATE callback_task t SET number_key = $1 WHERE number_key = $2 AND (closed_at IS NOT NULL
         OR NOT EXISTS (SELECT 1 FROM callback_task o WHERE o.number_key = $1 AND o.closed_at IS NULL))`,
      [key, old],
    )
  }
}
