/** What the fields of a case are called, and how their values read, wherever a form, a case or a conflict shows them. */
import { type CaseFields, caseFields } from '../../shared/domain/case.ts'
import type { useCaseWords } from './case-words.ts'
import { type Coded, pathName } from './code-tree.ts'
import { defineText } from './text.ts'
import { fullTime } from './time.ts'

export const useFieldWords = defineText('fields', {
  callerName: ['姓名', 'Name'],
  gender: ['性别', 'Gender'],
  callingNumber: ['来电号码', 'Calling number'],
  contactNumber: ['联系电话', 'Contact number'],
  email: ['电子邮箱', 'E-mail'],
  company: ['单位名称', 'Company'],
  callerKind: ['主体', 'Caller is'],
  title: ['标题', 'Title'],
  content: ['诉求内容', 'Content'],
  kind: ['诉求类型', 'Kind'],
  urgency: ['紧急程度', 'Urgency'],
  categoryCode: ['诉求分类', 'Category'],
  divisionCode: ['行政区划', 'Division'],
  place: ['详细地点', 'Place'],
  partyName: ['被反映对象', 'Complained about'],
  partyPhone: ['对象电话', 'Their phone'],
  confidential: ['要求保密', 'Confidential'],
  replyWanted: ['需要回复', 'Reply wanted'],
  disposition: ['处置方式', 'Disposition'],
  dispositionNote: ['处置说明', 'Disposition note'],
  handling: ['办理方式', 'Handling'],
  remarks: ['备注', 'Remarks'],
  tags: ['标签', 'Tags'],
  reasonCode: ['处置原因', 'Reason'],
  handOverNumber: ['移交号码', 'Handed over to number'],
  handOverName: ['移交单位', 'Handed over to'],
  handOverWay: ['移交方式', 'Way of hand-over'],
  handOverAt: ['移交时间', 'Time of hand-over'],
  handOverConsent: ['来电人同意转接', 'Caller consents'],
  handOverDirectory: ['转接目录版本', 'Transfer directory'],
  handOverTakenBy: ['接手人', 'Taken over by'],
  handOverAck: ['对方回执', 'Acknowledgement'],
  callerWords: ['来电人原话', "The caller's own words"],
  'handOverWay.blind': ['直接转接', 'Blind transfer'],
  'handOverWay.consulted': ['咨询后转接', 'Consulted transfer'],
  'handOverWay.three-way': ['三方通话', 'Three-way call'],
  'handOverWay.relayed': ['转告', 'Told by the seat'],
  'handOverConsent.given': ['同意', 'Given'],
  'handOverConsent.refused': ['不同意', 'Refused'],
  'gender.unknown': ['未说明', 'Not said'],
  'gender.female': ['女', 'Female'],
  'gender.male': ['男', 'Male'],
  'callerKind.person': ['个人', 'Person'],
  'callerKind.enterprise': ['企业', 'Enterprise'],
  yes: ['是', 'Yes'],
  no: ['否', 'No'],
})

export const isCaseField = (name: string): name is keyof CaseFields => Object.hasOwn(caseFields.shape, name)

type Words = {
  field: ReturnType<typeof useFieldWords>
  words: ReturnType<typeof useCaseWords>
  reasons?: readonly { code: string; name: string }[] | undefined
  catalogue: { categories: readonly Coded[]; divisions: readonly Coded[] } | undefined
}

/**
 * A field's value as a person reads it; empty text when there is none. What is no value of that field (another program's)
 * is shown as it came rather than not at all.
 */
export function shownValue(name: keyof CaseFields, value: unknown, say: Words): string {
  const one = caseFields.partial().safeParse({ [name]: value })
  const asItCame = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  if (!one.success) return asItCame
  const { data } = one
  switch (name) {
    case 'gender':
      return data.gender === undefined ? '' : say.field(`gender.${data.gender}`)
    case 'callerKind':
      return data.callerKind === undefined ? '' : say.field(`callerKind.${data.callerKind}`)
    case 'kind':
      return data.kind == null ? '' : say.words(`kind.${data.kind}`)
    case 'urgency':
      return data.urgency === undefined ? '' : say.words(`urgency.${data.urgency}`)
    case 'disposition':
      return data.disposition == null ? '' : say.words(`disposition.${data.disposition}`)
    case 'handling':
      return data.handling === undefined ? '' : say.words(`handling.${data.handling}`)
    case 'categoryCode':
      return pathName(say.catalogue?.categories ?? [], data.categoryCode ?? '')
    case 'divisionCode':
      return pathName(say.catalogue?.divisions ?? [], data.divisionCode ?? '')
    case 'confidential':
      return data.confidential === undefined ? '' : say.field(data.confidential ? 'yes' : 'no')
    case 'replyWanted':
      return data.replyWanted === undefined ? '' : say.field(data.replyWanted ? 'yes' : 'no')
    case 'reasonCode': {
      const name = say.reasons?.find(({ code }) => code === data.reasonCode)?.name
      return name === undefined ? asItCame : `${name}（${asItCame}）`
    }
    case 'handOverWay':
      return data.handOverWay == null ? '' : say.field(`handOverWay.${data.handOverWay}`)
    case 'handOverConsent':
      return data.handOverConsent == null ? '' : say.field(`handOverConsent.${data.handOverConsent}`)
    case 'handOverAt':
      return data.handOverAt === undefined || data.handOverAt === '' ? '' : fullTime(data.handOverAt)
    case 'tags':
      return (data.tags ?? []).join('、')
    case 'callerName':
    case 'callingNumber':
    case 'contactNumber':
    case 'email':
    case 'company':
    case 'title':
    case 'content':
    case 'place':
    case 'partyName':
    case 'partyPhone':
    case 'dispositionNote':
    case 'remarks':
    case 'handOverNumber':
    case 'handOverName':
    case 'handOverDirectory':
    case 'handOverTakenBy':
    case 'handOverAck':
    case 'callerWords':
      return asItCame
  }
}
