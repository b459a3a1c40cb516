import { describe, expect, it } from 'vitest'
import {
  disposition,
  emptyCaseFields,
  handling,
  missingForSubmit,
  statusAfterSubmit,
} from '../../shared/domain/case.ts'
import { operatorRole } from '../../shared/domain/operator.ts'
import { may } from '../../shared/domain/permission.ts'
import { seatPolicy, seatSettings } from '../../shared/domain/settings.ts'

describe('settings', () => {
  it('takes an unencrypted exchange only on this machine', () => {
    const { exchangeUrl } = seatSettings.shape
    for (const url of ['', 'wss://pbx.example.cn/ws', 'ws://127.0.0.1:8088', 'ws://localhost/ws']) {
      expect(exchangeUrl.safeParse(url).success, url).toBe(true)
    }
    for (const url of ['ws://10.0.0.1', 'ws://127.0.0.1.example.cn', 'http://127.0.0.1', 'nonsense']) {
      expect(exchangeUrl.safeParse(url).success, url).toBe(false)
    }
  })

  it('takes an unencrypted centre only on this machine', () => {
    const { centreUrl } = seatSettings.shape
    for (const url of ['', 'https://12345.example.cn', 'http://127.0.0.1:9000', 'http://[::1]:9000/']) {
      expect(centreUrl.safeParse(url).success, url).toBe(true)
    }
    for (const url of ['http://10.0.0.1', 'http://localhost.example.cn', 'wss://12345.example.cn', '12345']) {
      expect(centreUrl.safeParse(url).success, url).toBe(false)
    }
    expect(centreUrl.safeParse('http://10.0.0.1').error?.issues[0]?.message).toContain('https://')
  })

  it('refuses a policy with a key that it does not know', () => {
    expect(seatPolicy.safeParse({ extention: '8001' }).success).toBe(false)
    expect(seatPolicy.safeParse({ extension: '8001', extensionSecret: 'x' }).success).toBe(true)
  })
})

describe('a case', () => {
  it('is held back by missing contact, content or disposition, and by nothing else', () => {
    expect(missingForSubmit(emptyCaseFields)).toEqual(['contactNumber', 'content', 'disposition'])
    const whole = {
      ...emptyCaseFields,
      contactNumber: '19900000001',
      content: '内容',
      disposition: 'accept' as const,
    }
    expect(missingForSubmit(whole)).toEqual([])
    expect(missingForSubmit({ ...whole, content: '  ' })).toEqual(['content'])
  })

  it('begins open when a unit or a supervisor still has to act', () => {
    expect(statusAfterSubmit('accept', 'dispatch', 'agent')).toBe('accepted')
    expect(statusAfterSubmit('accept', 'direct', 'agent')).toBe('closed')
    expect(statusAfterSubmit('refer', 'dispatch', 'agent')).toBe('awaiting-approval')
    expect(statusAfterSubmit('explain', 'dispatch', 'agent')).toBe('closed')
  })

  it('is closed by nobody who may not close cases, however they file', () => {
    const barred = operatorRole.options.filter(role => !may(role, 'case.close'))
    const first = disposition.options.flatMap(disposed =>
      handling.options.flatMap(by => barred.map(role => statusAfterSubmit(disposed, by, role))),
    )
    expect(first.length).toBeGreaterThan(0)
    expect(first).not.toContain('closed')
  })
})
