/** Invented people for a demonstration. Their ids are fixed, so that a demonstration's centre knows the same people. */
import type { Operator } from '../../shared/domain/operator.ts'

export const demoOperators: readonly Operator[] = [
  {
    operatorId: 'demo-1001',
    workNumber: '1001',
    name: '林晓岚',
    branch: '云澜中心',
    role: 'agent',
    skills: [],
  },
  {
    operatorId: 'demo-1002',
    workNumber: '1002',
    name: '周伯安',
    branch: '云澜中心',
    role: 'lead',
    skills: [],
  },
  {
    operatorId: 'demo-2001',
    workNumber: '2001',
    name: '沈知夏',
    branch: '云澜中心',
    role: 'contractor',
    skills: [],
  },
  {
    operatorId: 'demo-9001',
    workNumber: '9001',
    name: '程远',
    branch: '云澜中心',
    role: 'admin',
    allBranches: true,
    skills: [],
  },
]
