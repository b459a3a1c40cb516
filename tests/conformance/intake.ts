/** What a centre promises of internet channels (互联网受理): docs/loop.md. */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import {
  intakeClaim,
  intakeItem,
  intakeProgress,
  intakeRoutes,
  maxIntakeFiles,
} from '../../shared/contract/central-intake.ts'
import { Failure, outputOf, same, type Target, that } from './target.ts'

type Headers = Record<string, string>

export async function checkIntake(
  target: Target,
  person: Headers,
  keys: { intake: string; missedCalls: string },
  check: (what: string, work: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const channel = { 'x-api-key': keys.intake }
  const body = (part: object = {}) => ({
    channelId: randomUUID(),
    phone: '19900009998',
    content: '一致性测试：可以不予受理',
    ...part,
  })
  const post = (part: object = {}) =>
    target.get(outputOf(intakeRoutes.post), 'POST', '/v1/intake', channel, body(part))
  const refused = (part: object, headers: Headers = channel) =>
    target.refused('POST', '/v1/intake', headers, body(part))
  const claim = (intakeId: string) =>
    target.get(intakeClaim, 'POST', `/v1/intake/${encodeURIComponent(intakeId)}/claim`, person, {})
  /** Leaves nothing of the test in the list. */
  const drop = async (intakeId: string) => {
    const { fence } = await claim(intakeId)
    const path = `/v1/intake/${encodeURIComponent(intakeId)}/drop`
    await target.get(outputOf(intakeRoutes.drop), 'POST', path, person, { fence, reason: '一致性测试' })
  }

  await check('takes what a channel posts once by its channelId, and refuses another under it', async () => {
    const channelId = randomUUID()
    const all = await Promise.all(Array.from({ length: 8 }, () => post({ channelId })))
    same(new Set(all.map(({ intakeId }) => intakeId)).size, 1, 'numbers')
    same(all.filter(({ duplicate }) => !duplicate).length, 1, 'taken as new')
    same(await refused({ channelId, content: '另一件' }), '409 INTAKE_DIFFERS', 'another under the same id')
    await drop(all[0]?.intakeId ?? '')
  })
  await check('keeps no mark-up of a post, and refuses what is too long or nobody’s', async () => {
    const { intakeId } = await post({
      name: '<b>王</b>女士',
      content: '<scr<script>ipt>路灯</script>不亮\u0000',
      place: '<img src=x onerror=alert(1)>河东路',
    })
    const { content } = await claim(intakeId)
    same([content.name, content.content, content.place], ['王女士', '路灯不亮', '河东路'], 'what is kept')
    await drop(intakeId)
    for (const [wrong, what] of [
      [{ content: '字'.repeat(5_001) }, 'too long'],
      [{ title: '字'.repeat(201) }, 'a title that is too long'],
      [{ content: '<br>' }, 'nothing but mark-up'],
      [{ phone: '不是号码' }, 'no number'],
    ] as const)
      same(await refused(wrong), '400 BAD_REQUEST', what)
  })
  await check('lets only a key of this scope post', async () => {
    same(await refused({}, {}), '401 UNAUTHENTICATED', 'without a key')
    same(
      await refused({}, { 'x-api-key': 'no-such-key-of-anybody' }),
      '401 UNAUTHENTICATED',
      'no key of ours',
    )
    same(await refused({}, { 'x-api-key': keys.missedCalls }), '403 FORBIDDEN', 'a key of another scope')
  })
  await check('shows what waits with the number masked, and ends it once', async () => {
    const { intakeId } = await post()
    const { items } = await target.get(outputOf(intakeRoutes.list), 'GET', '/v1/intake', person)
    const item = items.map(each => intakeItem.parse(each)).find(each => each.intakeId === intakeId)
    // A list that is full shows the oldest only.
    if (item !== undefined) that(!item.phone.includes('19900009998'), 'the whole number is in the list')
    const first = await claim(intakeId)
    same((await claim(intakeId)).fence, first.fence, 'claimed again by the same person')
    await drop(intakeId)
    const again = `/v1/intake/${encodeURIComponent(intakeId)}/claim`
    same(await target.refused('POST', again, person, {}), '409 INTAKE_CLOSED', 'claimed after its end')
  })
  await check('tells progress by number and code together, and of anything else nothing', async () => {
    const { intakeId, progressCode } = await post()
    const look = { number: intakeId, code: progressCode ?? '' }
    const told = await target.get(intakeProgress, 'POST', '/v1/intake/progress', channel, look)
    same([told.number, told.status], [intakeId, 'waiting'], 'the right pair')
    const answerTo = async (wanted: object) => {
      const response = await target.ask('POST', '/v1/intake/progress', channel, wanted)
      return `${response.status} ${await response.text()}`
    }
    const wrongPair = await answerTo({
      ...look,
      code: look.code.replace(/\d$/, last => String((Number(last) + 1) % 10)),
    })
    that(wrongPair.startsWith('404 '), `a wrong pair was answered ${wrongPair}`)
    same(await answerTo({ ...look, number: 'W00000000-0000000000' }), wrongPair, 'an unknown number')
    same(
      await target.refused('POST', '/v1/intake/progress', { 'x-api-key': keys.missedCalls }, look),
      '403 FORBIDDEN',
      'a key of another scope',
    )
    await drop(intakeId)
    same(
      (await target.get(intakeProgress, 'POST', '/v1/intake/progress', channel, look)).status,
      'dropped',
      'after it was dropped',
    )
  })

  const jpeg = () => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), randomBytes(20_000)])
  const digest = (content: Buffer) => createHash('sha256').update(content).digest('hex')
  const tus = (method: string, path: string, headers: Headers, content?: Buffer) =>
    fetch(new URL(path, target.base), {
      method,
      headers: { 'tus-resumable': '1.0.0', ...channel, ...headers },
      ...(content === undefined ? {} : { body: new Uint8Array(content) }),
    })
  /** In two requests, as a line that is cut makes it. */
  const upload = async (content: Buffer, name: string) => {
    const file = { attachmentId: randomUUID(), name, sha256: digest(content) }
    const base64 = (text: string) => Buffer.from(text).toString('base64')
    const begun = await tus('POST', '/v1/files', {
      'upload-length': String(content.length),
      'upload-metadata': `attachmentId ${base64(file.attachmentId)},sha256 ${base64(file.sha256)}`,
    })
    const location = begun.headers.get('location')
    if (begun.status !== 201 || location === null) throw new Failure(`an upload was answered ${begun.status}`)
    for (const [from, to] of [
      [0, 1_000],
      [1_000, content.length],
    ] as const) {
      const piece = await tus(
        'PATCH',
        new URL(location, target.base).pathname,
        { 'upload-offset': String(from), 'content-type': 'application/offset+octet-stream' },
        content.subarray(from, to),
      )
      if (piece.status !== 204) throw new Failure(`a piece was answered ${piece.status}`)
    }
    return file
  }
  await check(
    'takes attachments of a post by tus, of one item each, and shows them to its holder',
    async () => {
      const content = jpeg()
      const file = await upload(content, '现场.jpg')
      const channelId = randomUUID()
      const { intakeId } = await post({ channelId, attachments: [file] })
      same((await post({ channelId, attachments: [file] })).duplicate, true, 'posted again')
      same(await refused({ channelId }), '409 INTAKE_DIFFERS', 'without its attachment')
      same(await refused({ attachments: [file] }), '409 INTAKE_FILE_MISSING', 'in another item')
      const { attachments, fence } = await claim(intakeId)
      same(
        attachments.map(({ name, mediaType, bytes, sha256 }) => [name, mediaType, bytes, sha256]),
        [['现场.jpg', 'image/jpeg', content.length, file.sha256]],
        'what the holder is told',
      )
      const path = `/v1/intake/${encodeURIComponent(intakeId)}/attachments/${file.attachmentId}`
      const read = await target.ask('GET', `${path}?fence=${fence}`, person)
      same(digest(Buffer.from(await read.arrayBuffer())), file.sha256, 'its content')
      same(
        await target.refused('GET', `${path}?fence=${fence + 1}`, person),
        '403 LEASE_NOT_YOURS',
        'otherwise',
      )
      await drop(intakeId)
    },
  )
  await check('refuses attachments that are not there or not of a kind that is taken', async () => {
    const right = await upload(jpeg(), '现场.jpg')
    const zip = await upload(Buffer.concat([Buffer.from('PK\u0003\u0004'), randomBytes(2_000)]), '现场.jpg')
    const page = await upload(Buffer.from(`<script>${' '.repeat(2_000)}</script>`), '说明.html')
    for (const [attachments, answer] of [
      [[right, { ...right, attachmentId: randomUUID() }], '409 INTAKE_FILE_MISSING'],
      [[right, zip], '415 FILE_REFUSED'],
      [[page], '415 FILE_REFUSED'],
      [[{ ...right, name: '../../etc/passwd.jpg' }], '400 FILE_NAME_INVALID'],
      [
        Array.from({ length: maxIntakeFiles + 1 }, () => ({ ...right, attachmentId: randomUUID() })),
        '413 FILES_TOO_MANY',
      ],
    ] as const)
      same(await refused({ attachments }), answer, JSON.stringify(attachments.map(({ name }) => name)))
    // Nothing of it was taken: what was right may be named still.
    await drop((await post({ attachments: [right] })).intakeId)
  })
}
