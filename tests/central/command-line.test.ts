import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { optionsOf, readCommandLine, usage } from '../../central/command-line.ts'

describe('the command line of the centre', () => {
  it('is told whole by --help', () => {
    for (const name of Object.keys(optionsOf)) expect(usage, name).toContain(`--${name}`)
    for (const [, name] of usage.matchAll(/^ {2}([a-z]+(?:-[a-z]+)*) /gm))
      expect(readCommandLine([name ?? '']).command).toBe(name)
  })

  it.each([
    [['nonsense']],
    [['--bogus']],
    [['--port', 'abc']],
    [['--port', '65536']],
    [['--offline-days', '-1']],
    [['--lock-seconds', '0']],
    [['--max-connections', '1.5']],
  ])('refuses %j in one sentence', args => {
    expect(() => readCommandLine(args)).toThrow(/\w/)
  })

  it('opens no database to say what there is, and prints no stack for what is wrong', () => {
    const folder = mkdtempSync(join(tmpdir(), 'zuoxi-cli-'))
    const run = (...args: string[]) =>
      spawnSync(
        process.execPath,
        [
          join(import.meta.dirname, '..', '..', 'central', 'main.ts'),
          '--data-dir',
          join(folder, 'data'),
          ...args,
        ],
        {
          encoding: 'utf8',
          env: { ...process.env, DATABASE_URL: '', ZUOXI_ADMIN_PASSWORD: 'Kouling-Gongji-1' },
        },
      )
    expect(run('--help')).toMatchObject({ status: 0, stdout: `${usage}\n` })
    expect(existsSync(join(folder, 'data'))).toBe(false)
    expect(run('nonsense')).toMatchObject({ status: 2, stdout: '' })
    const admin = ['admin', '--work-number', '9001', '--name', '程远']
    expect(run(...admin)).toMatchObject({ status: 0 })
    for (const [args, said] of [
      [admin, 'somebody has this work number already; nothing was changed'],
      [['revoke-device', 'none'], 'there is no such device'],
    ] as const) {
      const { status, stderr } = run(...args)
      expect(status, stderr).toBe(1)
      expect(stderr).toContain(`central: ${said}`)
      expect(stderr).not.toMatch(/^ {4}at /m)
    }
    rmSync(folder, { recursive: true })
  }, 120_000)
})
