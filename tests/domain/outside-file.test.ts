/** Which files are taken from outside the hotline. */
import { expect, it } from 'vitest'
import { attachmentName, nameByContent, outsideEndings, outsideFile } from '../../shared/domain/attachment.ts'

const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0])
const zip = Buffer.from('PK\u0003\u0004aaaa', 'latin1')

it('what is taken from outside says the same by its ending and its first bytes', () => {
  const bytes = (text: string) => Buffer.from(text, 'latin1')
  expect(outsideFile('现场.JPG', jpeg)).toBe('image/jpeg')
  expect(outsideFile('回执.pdf', bytes('%PDF-1.7'))).toBe('application/pdf')
  expect(outsideFile('录像.mp4', bytes('\0\0\0\x20ftypisom'))).toBe('video/mp4')
  expect(outsideFile('照片.heic', bytes('\0\0\0\x20ftypheic'))).toBe('image/heic')
  expect(outsideFile('说明.docx', zip)).toContain('wordprocessingml')
  for (const [name, content] of [
    ['现场.jpg', zip],
    ['现场.jpg', bytes('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')],
    ['录像.mp4', bytes('\0\0\0\x20ftypheic')],
    ['页面.html', bytes('<!doctype html>')],
    ['图.svg', bytes('<svg/>')],
    ['程序.exe', bytes('MZ')],
    ['程序.jpg.exe', jpeg],
    ['压缩.zip', zip],
    ['宏.docm', zip],
    ['没有扩展名', jpeg],
    ['空.jpg', Buffer.alloc(0)],
    ['constructor', jpeg],
    ['.constructor', jpeg],
  ] as const)
    expect(outsideFile(name, content), name).toBeNull()
})

const heads = {
  jpg: [...jpeg],
  png: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  gif: [...Buffer.from('GIF89a')],
  webp: [...Buffer.from('RIFF\u001a\0\0\0WEBPVP8 ', 'latin1')],
  heic: [...Buffer.from('\0\0\0\x20ftypheic', 'latin1')],
}
const types = {
  jpg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
  heic: 'image/heic',
}

it('a picture is what its content says, whichever picture’s ending it has', () => {
  for (const [kind, head] of Object.entries(heads) as [keyof typeof heads, number[]][])
    for (const ending of [...Object.keys(heads), 'jpeg', 'jfif', 'jpe', 'heif', 'JPG', 'HEIC']) {
      const name = `现场.${ending}`
      const type = outsideFile(name, Uint8Array.from(head))
      expect(type, `${kind} as ${ending}`).toBe(types[kind])
      const renamed = nameByContent(name, type ?? '')
      expect(outsideFile(renamed, Uint8Array.from(head))).toBe(types[kind])
      if (!new RegExp(`\\.(?:${kind}|jpe?g|jpe|heif)$`, 'i').test(name)) expect(renamed).toBe(`现场.${kind}`)
    }
  for (const ending of ['pdf', 'mp4', 'mp3', 'docx', 'xlsx', 'svg', 'exe'])
    expect(outsideFile(`现场.${ending}`, jpeg), ending).toBeNull()
})

it.each([
  ['录像.mp4', '\0\0\0\x14ftypqt  ', 'video/quicktime', '录像.mov'],
  ['录像.mov', '\0\0\0\x20ftypisom', 'video/mp4', '录像.mp4'],
  ['录像.MOV', '\0\0\0\x14ftypqt  ', 'video/quicktime', '录像.MOV'],
  ['录音.mp3', '\0\0\0\x1cftypM4A ', 'audio/mp4', '录音.m4a'],
  ['录音.m4a', '\0\0\0\x1cftypmp42', 'audio/mp4', '录音.m4a'],
  ['录音.m4a', 'ID3\u0003', 'audio/mpeg', '录音.mp3'],
  ['录音.mp3', '#!AMR\n', 'audio/amr', '录音.amr'],
  ['录音.mp3', 'RIFF\u0001\0\0\0WAVEfmt ', 'audio/wav', '录音.wav'],
  ['录音.amr', 'RIFF\u0001\0\0\0WAVEfmt ', 'audio/wav', '录音.wav'],
])('%s is taken by its content %j', (name, head, type, renamed) => {
  expect(outsideFile(name, Buffer.from(head, 'latin1'))).toBe(type)
  expect(nameByContent(name, type)).toBe(renamed)
})

it('an AVIF, a picture’s page and a film are no film, picture or page of another family', () => {
  expect(outsideFile('录像.mp4', Buffer.from('\0\0\0\x20ftypavif', 'latin1'))).toBeNull()
  expect(outsideFile('现场.jpg', Buffer.from('\0\0\0\x20ftypisom', 'latin1'))).toBeNull()
  expect(outsideFile('录音.mp3', Uint8Array.from(heads.webp))).toBeNull()
})

it('a renamed file still has a name that can be kept', () => {
  const long = `${'长'.repeat(196)}.jpg`
  const renamed = nameByContent(long, 'image/webp')
  expect(attachmentName(renamed)).toBe(renamed)
  expect(renamed.endsWith('.webp')).toBe(true)
  expect(nameByContent('a.JFIF', 'image/jpeg')).toBe('a.jpg')
  expect(nameByContent('a.jpeg', 'image/jpeg')).toBe('a.jpeg')
  expect(nameByContent('说明.pdf', 'image/jpeg')).toBe('说明.pdf')
})

it('a form offers what is taken, and nothing that could run', () => {
  expect(outsideEndings).toContain('.jpg')
  for (const ending of ['.html', '.svg', '.exe', '.js', '.zip', '.docm', '.doc'])
    expect(outsideEndings).not.toContain(ending)
})
