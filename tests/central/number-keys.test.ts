/** A centre in which an earlier rule made the keys: callers keep their history under the keys of today. */
import { expect, it } from 'vitest'
import { migrate } from '../../central/storage/migrate.ts'
import { renewNumberKeys } from '../../central/storage/number-keys.ts'
import { openPglite } from '../../central/storage/pglite.ts'
import { emptyCaseFields } from '../../shared/domain/case.ts'
import { clusterInMemory } from '../support/clusters.ts'

const at = '2026-11-24T01:00:00.000Z'

it('makes the keys of cases, calls, requests, callbacks and profiles again, once', async () => {
  const sql = await openPglite(null, await clusterInMemory())
  await migrate(sql)
  const addCase = (id: string, contactNumber: string, key: string | null) =>
    sql.query(
      `INSERT INTO cases (case_id, case_number, version, branch, seat_id, status, disposition, confidential, operator_id,
         catalogue_version, contact_key, fields, attachments, authors, digest, created_at, updated_at)
       VALUES ($1, $1, 1, 'b', 's', 'accepted', 'handled', false, 'o', '1', $2, $3, '[]', '{}', '', $4, $4)`,
      [id, key, JSON.stringify({ ...emptyCaseFields, contactNumber, title: '含\u0000' }), at],
    )
  const addTask = (id: string, key: string, closed: boolean) =>
    sql.query(
      `INSERT INTO callback_task (task_id, version, kind, number_key, number, dialable, wants, enterprise, note, calls,
         first_missed_at, last_missed_at, opened_at, state, attempts, fence, closed, closed_at)
       VALUES ($1, 1, 'number', $2, $2, true, '{}', false, '', 1, $3, $3, $3, $4, 0, 0, $5, $6)`,
      [id, key, at, closed ? 'closed' : 'open', closed ? '{}' : null, closed ? at : null],
    )
  const keys = async (table: string, id: string, key = 'number_key') =>
    Object.fromEntries(
      (
        await sql.query<{ id: string; key: string | null }>(`SELECT ${id} AS id, ${key} AS key FROM ${table}`)
      ).map(row => [row.id, row.key]),
    )
  const [old, today] = ['+4402079460958', '+442079460958']
  await addCase('words', '19900000001 王女士', null)
  await addCase('line', '0999-5550123/4', '099955501234')
  await addCase('same', '19900000003', '19900000003')
  await addCase('many', '+44 (0)20 7946 0958', old)
  await sql.query(
    `INSERT INTO cases (case_id, case_number, version, branch, seat_id, status, disposition, confidential, operator_id,
       catalogue_version, contact_key, fields, attachments, authors, digest, created_at, updated_at)
     SELECT 'many-' || n, 'many-' || n, version, branch, seat_id, status, disposition, confidential, operator_id,
       catalogue_version, contact_key, fields, attachments, authors, digest, created_at, updated_at
     FROM cases, generate_series(1, 1099) AS n WHERE case_id = 'many'`,
  )
  await sql.query(
    `INSERT INTO intake (intake_id, channel, channel_id, digest, received_at, content, number_key, state)
     VALUES ('i', 'c', '1', '', $1, $2, NULL, 'open')`,
    [at, JSON.stringify({ phone: '0512-12345' })],
  )
  await sql.query(
    `INSERT INTO answered_contact (contact_id, number_key, answered_at, received_at) VALUES ('a', $1, $2, $2)`,
    [old, at],
  )
  await sql.query(
    `INSERT INTO caller_profile (number_key, dialect, at) VALUES ($1, '新', '2026-02-01'), ($2, '旧', '2026-01-01')`,
    [old, today],
  )
  await addTask('open', old, false)
  await addTask('present', today, false)
  await addTask('closed', old, true)

  await renewNumberKeys(sql, '0999')
  const cases = await keys('cases', 'case_id', 'contact_key')
  expect(cases).toMatchObject({
    words: '19900000001',
    line: '09995550123',
    same: '19900000003',
    'many-1099': today,
  })
  expect(Object.values(cases).filter(key => key === today)).toHaveLength(1_100)
  expect(await keys('intake', 'intake_id')).toEqual({ i: '051212345' })
  expect(await keys('answered_contact', 'contact_id')).toEqual({ a: today })
  expect(await keys('caller_profile', 'dialect')).toEqual({ 新: today })
  expect(await keys('callback_task', 'task_id')).toEqual({ open: old, present: today, closed: today })

  await addCase('left', '19900000005', 'left alone')
  await renewNumberKeys(sql, '0999')
  expect(await keys('cases', 'case_id', 'contact_key')).toMatchObject({ left: 'left alone' })
  await sql.close()
})
