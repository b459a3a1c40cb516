/** 附件 of a filed case with a centre beside the seat: chosen, pasted and dropped; shown, saved, and there again after a restart. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { png } from '../support/picture.ts'
import { expect, type Seat, test } from './seat-fixture.ts'
import { fileCase, signInWithPassword } from './with-centre.ts'

/** Gives the page a file as the clipboard or a drag would. */
async function give(seat: Seat, how: 'paste' | 'drop', name: string, type: string, content: Buffer) {
  await seat.page.evaluate(
    ([kind, fileName, mediaType, base64]) => {
      const bytes = Uint8Array.from(atob(base64), letter => letter.charCodeAt(0))
      const data = new DataTransfer()
      data.items.add(new File([bytes], fileName, { type: mediaType }))
      const place = document.querySelector('section[aria-label="附件"]')
      place?.dispatchEvent(
        kind === 'paste'
          ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
          : new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }),
      )
    },
    [how, name, type, content.toString('base64')] as const,
  )
}
async function openCase(seat: Seat, number: string) {
  await seat.page.keyboard.press('Alt+2')
  await seat.region('工单列表').locator('tr', { hasText: number }).getByRole('button').first().click()
  const files = seat.region('附件')
  await expect(files).toBeVisible()
  return files
}

test('files are added to a case, reach the centre, are shown or saved, and are there after a restart', async ({
  seat,
}) => {
  test.setTimeout(240_000)
  seat.central = true
  await seat.start()
  await signInWithPassword(seat)
  const number = await fileCase(seat, '路灯不亮')
  await expect(seat.region('连接状态')).toContainText('中心 已同步', { timeout: 60_000 })
  let files = await openCase(seat, number)
  await expect(files).toContainText('没有附件')

  // More than one piece.
  const recording = Buffer.alloc(3_000_000, '12345 ')
  const path = join(seat.scratch, '通话摘要.txt')
  writeFileSync(path, recording)
  const choosing = seat.page.waitForEvent('filechooser')
  await seat.button('添加附件').focus()
  await seat.page.keyboard.press('Enter')
  await (await choosing).setFiles([path])
  const row = (name: string | RegExp) => files.getByRole('listitem').filter({ hasText: name })
  await expect(row('通话摘要.txt')).toContainText('已在中心', { timeout: 60_000 })
  await expect(row('通话摘要.txt')).toContainText('2.9 MB')

  await give(seat, 'paste', 'image.png', 'image/png', png(64))
  await expect(row(/截图 .+\.png/)).toContainText('已在中心', { timeout: 60_000 })
  await give(seat, 'drop', '说明.html', 'text/html', Buffer.from('<script>document.title = "x"</script>'))
  await expect(row('说明.html')).toContainText('已在中心', { timeout: 60_000 })
  await give(seat, 'drop', '空.txt', 'text/plain', Buffer.alloc(0))
  await expect(row('空.txt').getByRole('alert')).toContainText('文件是空的')
  await row('空.txt').getByRole('button', { name: '放弃' }).click()
  await expect(row('空.txt')).toHaveCount(0)
  await seat.picture('attachments')

  // Only the picture can be looked at.
  await expect(files.getByRole('button', { name: /^查看 / })).toHaveCount(1)
  await files.getByRole('button', { name: /^查看 截图/ }).click()
  const picture = seat.page.getByRole('dialog').getByRole('img', { name: /^截图/ })
  await expect(picture).toBeVisible()
  await expect
    .poll(() => picture.evaluate(image => (image as HTMLImageElement).naturalWidth), { timeout: 20_000 })
    .toBe(64)
  await seat.picture('attachment-shown')
  await seat.page.keyboard.press('Escape')
  await expect(picture).toHaveCount(0)

  if (seat.shell === 'loopback') {
    const downloading = seat.page.waitForEvent('download')
    await files.getByRole('button', { name: '另存为 通话摘要.txt' }).click()
    const download = await downloading
    expect(download.suggestedFilename()).toBe('通话摘要.txt')
    expect(readFileSync(await download.path()).equals(recording)).toBe(true)
  }
  await seat.stop()
  await seat.start()
  await signInWithPassword(seat)
  files = await openCase(seat, number)
  await expect(files.getByRole('listitem')).toHaveCount(3)
  await expect(row('通话摘要.txt')).toContainText('已在中心')
})
