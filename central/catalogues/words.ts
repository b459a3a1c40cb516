/** What administrators write in the tables, and what it means. */
import type { Urgency } from '../../shared/domain/case.ts'
import type { RequirableField, UnitLevel } from '../../shared/domain/catalogue.ts'

export const kinds = {
  咨询: 'consult',
  求助: 'help',
  投诉: 'complaint',
  举报: 'report',
  建议: 'suggestion',
  意见建议: 'suggestion',
  表扬: 'praise',
} as const
export const urgencies: Record<string, Exclude<Urgency, 'normal'>> = { 紧急: 'urgent', 特急: 'critical' }
export const levels: Record<string, UnitLevel> = {
  职能部门: 'department',
  公共服务企业: 'company',
  基层: 'grassroots',
}
export const requirable: Record<string, RequirableField> = {
  姓名: 'callerName',
  单位名称: 'company',
  电子邮箱: 'email',
  行政区划: 'divisionCode',
  详细地点: 'place',
  被反映对象: 'partyName',
  被反映对象电话: 'partyPhone',
}
