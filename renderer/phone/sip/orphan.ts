/** A dialog that this page no longer has and cannot take back: its far end is told that it is over, not left in silence. */
import { UserAgent } from 'sip.js'
import type { SipDialog } from '../../../shared/domain/call-evidence.ts'

/** Above every request that the page that is gone can have sent in it; RFC 3261 §12.2.1.1 wants no more than that. */
const sequence = 1_000_000

/** Says BYE in that dialog, once; nothing depends on the answer. */
export function endOrphan(agent: UserAgent, dialog: SipDialog): void {
  const [target, from, to] = [dialog.remoteTarget, dialog.localUri, dialog.remoteUri].map(uri =>
    UserAgent.makeURI(uri),
  )
  if (target === undefined || from === undefined || to === undefined) return
  const core = agent.userAgentCore
  const { sipCallId: callId, localTag: fromTag, remoteTag: toTag, routeSet } = dialog
  core.request(
    core.makeOutgoingRequestMessage('BYE', target, from, to, {
      callId,
      fromTag,
      toTag,
      routeSet,
      cseq: sequence,
    }),
  )
}
