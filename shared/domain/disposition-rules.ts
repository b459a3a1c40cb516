/**
 * Reason codes under each disposition, and what to read to the caller (原因代码与话术): a city's table, published by the centre as
 * `disposition-rules`; and what a call that ends with a disposition still needs.
 */
import { z } from 'zod'
import { type CaseFields, disposition } from './case.ts'

export const dispositionRulesName = 'disposition-rules'
const mostReasons = 200

const dispositionReason = z.object({
  code: z.string().min(1).max(32),
  disposition,
  name: z.string().min(1).max(60),
  script: z.string().max(2_000).default('').describe('向来电人宣读的话术'),
  noteWanted: z.boolean().default(false).describe('须填写处置说明'),
})
export type DispositionReason = z.infer<typeof dispositionReason>

export const dispositionRules = z.object({
  version: z.string().min(1).max(64).describe('处置规则版本'),
  sample: z.boolean().describe('示例数据'),
  reasons: z.array(dispositionReason).max(mostReasons),
})
export type DispositionRules = z.infer<typeof dispositionRules>

/** Those that cannot be recorded without a reason. */
const reasoned = ['statutory', 'explain', 'refer'] as const

export type RulesFault = {
  index: number
  code: 'DUPLICATE_CODE' | 'NO_REASON' | 'NO_SCRIPT'
  sentence: string
}

const names = { statutory: '告知法定途径', explain: '解释说明', refer: '移交线索' } as const

/** One fault and the rules are refused whole. */
export function rulesFaults({ reasons }: DispositionRules): RulesFault[] {
  const faults: RulesFault[] = []
  const seen = new Set<string>()
  for (const [index, { code, disposition: of, script }] of reasons.entries()) {
    if (seen.has(code)) faults.push({ index, code: 'DUPLICATE_CODE', sentence: `原因代码 ${code} 重复` })
    seen.add(code)
    if ((of === 'statutory' || of === 'explain') && script.trim() === '')
      faults.push({ index, code: 'NO_SCRIPT', sentence: `原因 ${code} 没有话术` })
  }
  for (const of of reasoned)
    if (!reasons.some(reason => reason.disposition === of))
      faults.push({ index: 0, code: 'NO_REASON', sentence: `${names[of]}下没有任何原因` })
  return faults
}

export const reasonsOf = (rules: DispositionRules, of: CaseFields['disposition']): DispositionReason[] =>
  of === null ? [] : rules.reasons.filter(reason => reason.disposition === of)

/** Undefined for a code of another disposition too. */
export const reasonOf = (
  rules: DispositionRules,
  fields: Pick<CaseFields, 'disposition' | 'reasonCode'>,
): DispositionReason | undefined =>
  rules.reasons.find(({ code, disposition: of }) => code === fields.reasonCode && of === fields.disposition)

export type DispositionNeed =
  | 'reasonCode'
  | 'dispositionNote'
  | 'handOverNumber'
  | 'handOverWay'
  | 'handOverAt'
  | 'handOverConsent'
export const dispositionNeeds = [
  'reasonCode',
  'dispositionNote',
  'handOverNumber',
  'handOverWay',
  'handOverAt',
  'handOverConsent',
] as const satisfies readonly DispositionNeed[]

/**
 * What is still missing for the disposition that was chosen, beyond what every case needs; in the order of the page. A code
 * that is unknown is missing no code: `REASON_UNKNOWN` is another matter. `consentWanted`: as the entry of the number says.
 */
export function neededFor(
  fields: CaseFields,
  rules: DispositionRules,
  consentWanted: boolean,
): DispositionNeed[] {
  const needs: DispositionNeed[] = []
  const reasons = reasonsOf(rules, fields.disposition)
  switch (fields.disposition) {
    case null:
    case 'accept':
      break
    case 'transfer':
      if (fields.handOverNumber === '') needs.push('handOverNumber')
      if (fields.handOverWay === null) needs.push('handOverWay')
      if (fields.handOverAt === '') needs.push('handOverAt')
      // A caller who said no is not handed over: the call ends with another disposition.
      if (fields.handOverConsent === 'refused' || (consentWanted && fields.handOverConsent === null))
        needs.push('handOverConsent')
      break
    case 'statutory':
    case 'explain':
    case 'refer':
      if (reasons.length > 0 && fields.reasonCode === '') needs.push('reasonCode')
      break
  }
  if (reasonOf(rules, fields)?.noteWanted === true && fields.dispositionNote.trim() === '')
    needs.push('dispositionNote')
  return needs
}

/** What a change of disposition leaves behind: a reason is one of its disposition only. */
export const chosen = (
  fields: Pick<CaseFields, 'disposition' | 'reasonCode'>,
  next: NonNullable<CaseFields['disposition']>,
): Pick<CaseFields, 'disposition' | 'reasonCode'> => ({
  disposition: next,
  reasonCode: fields.disposition === next ? fields.reasonCode : '',
})
