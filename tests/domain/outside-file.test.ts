/** Which files are taken from outside the hotline. */
import { expect, it } from 'vitest'
import { outsideEndings, outsideFile } from '../../shared/domain/attachment.ts'

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

it('a form offers what is taken, and nothing that could run', () => {
  expect(outsideEndings).toContain('.jpg')
  for (const ending of ['.html', '.svg', '.exe', '.js', '.zip', '.docm', '.doc'])
    expect(outsideEndings).not.toContain(ending)
})
