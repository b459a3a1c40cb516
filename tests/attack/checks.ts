/**
 * Checks of the product, each with the attack that finds out when it is gone. `npm run attack -- --without-checks` takes away one
 * after another and plays that attack.
 */

export type Check = {
  name: string
  /** From the top of the project. */
  file: string
  /** Stands in the file once. */
  code: string
  without: string
  /** Part of the names of the attacks that must find something then; of the line they print. */
  found: string
}

export const checks: readonly Check[] = [
  {
    name: 'the code of a command is compared',
    file: 'central/identity/actor-proofs.ts',
    code: 'if (expected.length !== given.length || !timingSafeEqual(expected, given)) return null',
    without: '',
    found: 'one field of a proved command is changed on the way',
  },
  {
    name: 'a proof stands for its own person',
    file: 'central/identity/actor-proofs.ts',
    code: 'if (session.operatorId !== command.operatorId) return null',
    without: '',
    found: 'under one’s own secret',
  },
  {
    name: 'a privileged command needs a live session',
    file: 'central/commands/push.ts',
    code: 'const isLive = live !== null && live.operatorId === operatorId',
    without: 'const isLive = true',
    found: 'a privileged move without the person’s live session',
  },
  {
    name: 'who may read a case',
    file: 'shared/domain/permission.ts',
    code: 'export const mayReadCase = (reader: CaseReader, it: CaseAccess): boolean => {',
    without:
      'export const mayReadCase = (reader: CaseReader, it: CaseAccess): boolean => { if (1 < 2) return true',
    found: 'a case of another branch is worked on',
  },
  {
    name: 'a revoked device is refused',
    file: 'central/identity/devices.ts',
    code: '      refuseEnded(row)\n      const contact',
    without: '      const contact',
    found: 'a revoked seat goes on',
  },
  {
    name: 'a session belongs to its device',
    file: 'central/identity/sessions.ts',
    code: 'FROM ${sessionsOfPeople} WHERE session_id = $1 AND client_id = $2',
    without: "FROM ${sessionsOfPeople} WHERE session_id = $1 AND $2::text <> ''",
    found: 'a session is used at a seat that is not its own',
  },
  {
    name: 'people work at seats of their branch',
    file: 'central/identity/sessions.ts',
    code: 'if (!worksFor(operatorOf(row), device.branch)) {',
    without: 'if (device.branch === undefined) {',
    found: 'a person signs in at a seat of another branch',
  },
  {
    name: 'a time counts only since the last contact',
    file: 'shared/domain/command-time.ts',
    code: 'if (done < Date.parse(floor) || done > Date.parse(receivedAt)) return receivedAt',
    without: '',
    found: 'a reply is dated back',
  },
  {
    name: 'the gate of a seat asks who is there',
    file: 'electron/core/rpc/gate.ts',
    code: "    if (access === 'public') return\n",
    without: '    return\n',
    found: 'every procedure answers everybody',
  },
  {
    name: 'the loopback shell looks at the origin',
    file: 'electron/loopback/server.ts',
    code: "if (!isOwnOrigin(request)) return plain(response, 403, 'wrong origin')",
    without: '',
    found: 'a page of another program exchanges a token',
  },
]
