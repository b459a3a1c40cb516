/** A key that every process of one centre reads from the database; whichever asks first makes it. */
import type { CentralContext } from '../context.ts'

export async function metaKey(
  { sql, random }: Pick<CentralContext, 'sql' | 'random'>,
  name: string,
): Promise<Buffer> {
  await sql.query('INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    name,
    Buffer.from(random.bytes(32)).toString('base64url'),
  ])
  const [row] = await sql.query<{ value: string }>('SELECT value FROM meta WHERE name = $1', [name])
  if (row === undefined) throw new Error(`central: the ${name} cannot be read`)
  return Buffer.from(row.value, 'base64url')
}
