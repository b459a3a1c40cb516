/** Invented people, one code with which a seat enrols itself, and two keys. Never for a real centre: the password is in the sources. */
import type { CentralOperator } from '../shared/contract/central.ts'
import type { Central } from './central.ts'
import { Refusal } from './refusal.ts'

export const demoPassword = 'yanshi-12345'
const demoBranch = '云澜中心'

const person = (
  operatorId: string,
  workNumber: string,
  name: string,
  role: CentralOperator['role'],
  branch = demoBranch,
  employer = '',
): CentralOperator => ({
  operatorId,
  workNumber,
  name,
  branch,
  role,
  skills: [],
  disabled: false,
  employer,
})

const demoPeople: readonly CentralOperator[] = [
  person('demo-1001', '1001', '林晓岚', 'agent'),
  person('demo-1002', '1002', '周伯安', 'lead'),
  { ...person('demo-1004', '1004', '周敏', 'agent'), skills: ['粤语', '涉企'] },
  { ...person('demo-5001', '5001', '韩立言', 'unit'), unitCode: 'C07' },
  person('demo-2001', '2001', '沈知夏', 'contractor', demoBranch, '云帆外包服务'),
  { ...person('demo-9001', '9001', '程远', 'admin'), allBranches: true },
]

/** A new enrolment code, and new keys: an exchange posts missed calls with one, an internet channel its requests with the other. */
export async function seedDemo(
  central: Central,
): Promise<{ enrolmentCode: string; missedCallsKey: string; intakeKey: string }> {
  const known = await central.context.sql.query(
    'SELECT 1 FROM operator WHERE operator_id = $1 AND password_hash IS NOT NULL',
    [demoPeople[0]?.operatorId],
  )
  if (known.length === 0)
    for (const each of demoPeople)
      await central.operators.save(each, demoPassword, null, 'demo').catch((error: unknown) => {
        // An administrator who was added before has that number.
        if (!(error instanceof Refusal) || error.code !== 'OPERATOR_EXISTS') throw error
      })
  return {
    enrolmentCode: (await central.devices.enrolmentCode(demoBranch, null)).code,
    missedCallsKey: await central.apiKeys.create('示例交换机', ['missed-call.post']),
    intakeKey: await central.apiKeys.create('示例小程序', ['intake.post']),
  }
}
