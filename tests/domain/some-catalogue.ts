import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { workCalendar } from '../../shared/domain/calendar.ts'
import { type DispatchCatalogue, dispatchCatalogue } from '../../shared/domain/catalogue.ts'

const folder = join(import.meta.dirname, '..', '..', 'resources', 'catalogue')
const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'))

export const sampleCatalogue = dispatchCatalogue.parse(read('sample.json'))
export const sampleCalendar = workCalendar.parse(read('calendar.json'))

/** A city of two districts: water by the company, noise by the district's office, one matter not for the grassroots. */
export const smallCatalogue: DispatchCatalogue = dispatchCatalogue.parse({
  version: '1',
  effectiveAt: '2026-01-01T00:00:00.000Z',
  city: '测试市',
  sample: true,
  divisions: [
    { code: '1', name: '测试市', parentCode: null },
    { code: '11', name: '东区', parentCode: '1' },
    { code: '111', name: '东一街道', parentCode: '11' },
    { code: '12', name: '西区', parentCode: '1' },
  ],
  units: [
    { code: 'W', name: '供水公司', level: 'company', divisionCode: null },
    { code: 'H', name: '卫健委', level: 'department', divisionCode: null },
    { code: 'E', name: '东区执法局', level: 'department', divisionCode: '11' },
    { code: 'C', name: '市执法支队', level: 'department', divisionCode: null },
    { code: 'S', name: '东一街道办', level: 'grassroots', divisionCode: '111' },
  ],
  limits: [
    {
      code: 'T',
      name: '保障',
      sign: {
        normal: { amount: 30, unit: 'minute' },
        urgent: null,
        critical: { amount: 15, unit: 'minute' },
      },
      reply: {
        normal: { amount: 2, unit: 'working-day' },
        urgent: { amount: 24, unit: 'hour' },
        critical: { amount: 4, unit: 'hour' },
      },
    },
  ],
  categories: [
    { code: '01', name: '公用', parentCode: null, limitCode: 'T' },
    {
      code: '0101',
      name: '供水',
      parentCode: '01',
      leadUnits: ['W'],
      assistUnits: ['H'],
      requiredFields: ['place'],
      urgencyRules: [{ word: '爆裂', urgency: 'critical' }],
    },
    { code: '010101', name: '停水', parentCode: '0101' },
    {
      code: '010102',
      name: '水质异常',
      parentCode: '0101',
      kinds: ['complaint', 'help'],
      notGrassroots: true,
    },
    { code: '02', name: '城管', parentCode: null },
    { code: '0201', name: '噪声', parentCode: '02', leadUnits: ['E', 'C'] },
  ],
})
