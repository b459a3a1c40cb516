/** Invented people for a demonstration. */
import type { Operator } from '../../shared/domain/operator.ts'

export const demoOperators: readonly Omit<Operator, 'operatorId'>[] = [
  {
    workNumber: '1001',
    name: '林晓岚',
    branch: '云澜中心',
    role: 'agent',
    skills: [],
  },
  {
    workNumber: '1002',
    name: '周伯安',
    branch: '云澜中心',
    role: 'lead',
    skills: [],
  },
  {
    workNumber: '2001',
    name: '沈知夏',
    branch: '河东分中心',
    role: 'contractor',
    skills: [],
  },
]
