/** What is asked of the centre for the operator at the desk, who does not wait for a line that is cut. */
import { callerHistory } from '../../../shared/contract/central.ts'
import type { CoreContext } from '../context.ts'
import type { Centre, CentreLink } from './centre.ts'
import { CentreFailure } from './centre-client.ts'

/** How long the operator who signs in waits for the centre before the seat's own verifier is asked. */
const answerMs = 10_000
const offlineAnswerMs = 3_000
const lookAgainMs = 50

export const unreachable = () => new CentreFailure('network', '现在连不上中心')

/** `soon`: the seat was just started beside its centre, whose address, and the enrolment, come in a moment. */
export function createOperatorAsks(parts: {
  clock: CoreContext['clock']
  link(): CentreLink | null
  offline(): boolean
  soon(): boolean
}): Pick<Centre, 'signIn' | 'account' | 'asOperator' | 'callerHistory'> {
  const { clock } = parts

  /** `work`, or a failure that passes after `withinMs`. */
  const within = async <T>(withinMs: number, work: (late: () => boolean) => Promise<T>): Promise<T> => {
    let isLate = false
    let cancel = () => {}
    const late = new Promise<never>((_resolve, reject) => {
      cancel = clock.after(withinMs, () => {
        isLate = true
        reject(unreachable())
      })
    })
    return Promise.race([work(() => isLate), late]).finally(() => cancel())
  }

  const linked = (): CentreLink => {
    const link = parts.link()
    if (link === null) throw unreachable()
    return link
  }
  const account = () => linked().sessions.account
  const beginning = async (late: () => boolean): Promise<CentreLink> => {
    while (parts.soon() && !late()) await new Promise<void>(resolve => void clock.after(lookAgainMs, resolve))
    return linked()
  }

  const asOperator: Centre['asOperator'] = ({ method, path, body, withinMs = answerMs }, output) =>
    within(withinMs, async () => {
      const { sessions, device } = linked()
      const session = await sessions.token()
      if (session === null)
        throw new CentreFailure('refused', '中心没有您的登录', { status: 401, code: 'NO_SESSION' })
      const options = { operatorSession: session }
      try {
        return await device.client.ask(
          method,
          path,
          output,
          body === undefined ? options : { ...options, body },
        )
      } catch (error) {
        // The refresh token is refused too, and that ends it here.
        if (error instanceof CentreFailure && error.code === 'SESSION_ENDED') sessions.look()
        throw error
      }
    })

  return {
    account: {
      changePassword: (...given) => within(answerMs, async () => account().changePassword(...given)),
      replacePassword: (...given) => within(answerMs, async () => account().replacePassword(...given)),
      beginSecondFactor: ticket => within(answerMs, async () => account().beginSecondFactor(ticket)),
      confirmSecondFactor: (...given) =>
        within(answerMs, async () => account().confirmSecondFactor(...given)),
    },
    signIn: (workNumber, password, code) =>
      within(parts.offline() ? offlineAnswerMs : answerMs, async late =>
        (await beginning(late)).sessions.signIn(workNumber, password, code),
      ),
    asOperator,
    callerHistory: (numberKey, withinMs) =>
      asOperator(
        { method: 'GET', path: `/v1/callers/${encodeURIComponent(numberKey)}`, withinMs },
        callerHistory,
      ).catch(() => null),
  }
}
