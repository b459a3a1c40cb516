/**
 * A seat's program that claims one task, reports that it dials, and is about to send its INVITE. Forked by a test, which stops it
 * there: argv is {url, headers, taskId, requestId}. It says `checked`, waits for `go`, and tells what its call came to.
 */
import { clientOf } from './processes.ts'

const { url, headers, taskId, requestId } = JSON.parse(process.argv[2] ?? '{}') as {
  url: string
  headers: Record<string, string>
  taskId: string
  requestId: string
}
const { callbacks } = clientOf(url, () => headers)
const result = await callbacks.claim({ requestId, taskIds: [taskId] })
if (result.outcome !== 'granted') throw new Error('the claim was not granted')
const { fence } = result.lease
const { token } = await callbacks.dialling({ taskId, fence })
process.on('message', () => {
  const refused = (error: unknown) =>
    error instanceof Error && 'code' in error ? String(error.code) : 'none'
  void callbacks
    .outcome({ taskId, fence, outcome: 'reached' })
    .then(() => 'taken', refused)
    .then(answer => process.send?.({ type: 'ended', invite: token, answer }, () => process.disconnect()))
})
process.send?.({ type: 'checked', fence, token })
