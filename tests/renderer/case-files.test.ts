import { describe, expect, it } from 'vitest'
import { addFile, base64Of, pastedName } from '../../renderer/features/cases/case-files.ts'
import { bytesOf, contentOf, percentOf, sizeWords } from '../../renderer/ui/file-content.ts'
import type { CaseFile } from '../../shared/domain/attachment.ts'

const refusal = (code: string) => Object.assign(new Error(code), { code })
const content = new Uint8Array(2_500_000).map((_, index) => index % 251)
const file = Object.assign(new Blob([content], { type: 'image/png' }), { name: '现场.png' })
const added = { attachmentId: 'a', name: '现场.png' } as CaseFile

/** A core of which the test can say that it was restarted before its nth request. */
function core(restarts: readonly number[] = []) {
  let held: Uint8Array[] | null = null
  let requests = 0
  const known = () => {
    if (restarts.includes((requests += 1))) held = null
    if (held === null) throw refusal('ATTACHMENT_NOT_FOUND')
    return held
  }
  const received = () => (held ?? []).reduce((sum, part) => sum + part.length, 0)
  const files = {
    begin: async () => {
      held ??= []
      return { received: received() }
    },
    append: async ({ offset, content: piece }: { offset: number; content: string }) => {
      known()
      expect(offset).toBe(received())
      held?.push(bytesOf(piece))
      return { received: received() }
    },
    finish: async () => {
      known()
      expect(received()).toBe(content.length)
      return added
    },
  }
  return { files: files as unknown as Parameters<typeof addFile>[0], requests: () => requests }
}
const ids = { caseId: 'k', attachmentId: 'a' }

describe('adding a file', () => {
  it('sends it in pieces of at most 1 MiB and tells how far it is', async () => {
    const { files, requests } = core()
    const told: number[] = []
    expect(await addFile(files, ids, file, bytes => told.push(bytes))).toBe(added)
    expect(told).toEqual([0, 1_048_576, 2_097_152])
    expect(requests()).toBe(4)
  })

  it('begins anew when the core was restarted, and gives up when that does not help', async () => {
    expect(await addFile(core([2]).files, ids, file, () => {})).toBe(added)
    expect(await addFile(core([4]).files, ids, file, () => {})).toBe(added)
    await expect(addFile(core([1, 2, 3]).files, ids, file, () => {})).rejects.toMatchObject({
      code: 'ATTACHMENT_NOT_FOUND',
    })
  })
})

it('hands out nothing of a content that did not come whole', async () => {
  const pieces = (fails: boolean) => async () =>
    (async function* () {
      yield { content: base64Of(content.subarray(0, 1_000)) }
      if (fails) throw refusal('ATTACHMENT_DAMAGED')
      yield { content: base64Of(content.subarray(1_000)) }
    })()
  await expect(contentOf(pieces(true), content.length, 'image/png', () => {})).rejects.toThrow(
    'ATTACHMENT_DAMAGED',
  )
  const whole = await contentOf(pieces(false), content.length, 'image/png', () => {})
  expect(whole.type).toBe('image/png')
  expect(new Uint8Array(await whole.arrayBuffer())).toEqual(content)
})

it('names sizes, shares and pasted pictures', () => {
  expect([0, 512, 3_500, 10_240, 200 * 1024 * 1024].map(sizeWords)).toEqual([
    '0 B',
    '512 B',
    '3.4 KB',
    '10 KB',
    '200 MB',
  ])
  expect([percentOf(0, 0), percentOf(1, 3), percentOf(9, 3)]).toEqual([0, 33, 100])
  const at = new Date('2026-11-25T01:05:07.000Z')
  expect(pastedName({ name: 'image.png', type: 'image/jpeg' }, at)).toBe('截图 2026-11-25 09.05.07.jpeg')
  expect(pastedName({ name: '说明.pdf', type: 'application/pdf' }, at)).toBe('说明.pdf')
})
