// Many claimers that fetch one job at a time from pg-boss, with its defaults. Tells its parent what each fetch took.
import { PgBoss } from 'pg-boss'

const { url, tasks, claimers, connections } = JSON.parse(process.argv[2])
const queue = 'callbacks'
const boss = new PgBoss({ connectionString: url, max: connections, supervise: false, schedule: false })
boss.on('error', error => console.error(error))
await boss.start()
await boss.createQueue(queue)
for (let done = 0; done < tasks; done += 1_000)
  await boss.insert(
    queue,
    Array.from({ length: Math.min(1_000, tasks - done) }, (_, place) => ({ data: { task: done + place } })),
  )

const ids = []
const tookMs = []
const claimer = async () => {
  for (;;) {
    const began = performance.now()
    const [job] = await boss.fetch(queue, { batchSize: 1 })
    if (job === undefined) return
    tookMs.push(performance.now() - began)
    ids.push(job.id)
  }
}
const began = performance.now()
await Promise.all(Array.from({ length: claimers }, claimer))
const wholeMs = performance.now() - began
await new Promise(resolve => process.send({ ids, tookMs, wholeMs }, resolve))
await boss.stop({ graceful: false })
process.disconnect()
