/** Rich text on its way in, and knowledge as the centre publishes it. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blocksFromHtml } from '../../central/knowledge/rich-text.ts'
import { type Knowledge, knowledge, knowledgeName, textBlock } from '../../shared/domain/knowledge/article.ts'
import { someArticle, someKnowledge } from '../domain/knowledge/some-articles.ts'
import { addPeople, databaseFor, startCentre, type TestCentre } from './centre.ts'

const plain = (html: string) =>
  blocksFromHtml(html).map(({ kind, runs }) => `${kind}: ${runs.map(({ text }) => text).join('')}`)

describe('rich text', () => {
  it('keeps paragraphs, headings, items, stress and links', () => {
    expect(
      blocksFromHtml(
        '<h2>办理材料</h2><p>请带<b>身份证</b>，见<a href="https://example.org/x" onclick="x()">指南</a>。</p><ul><li><p>一寸照片</p></li><li>合同</li></ul>',
      ),
    ).toEqual([
      { kind: 'heading', runs: [{ text: '办理材料' }] },
      {
        kind: 'paragraph',
        runs: [
          { text: '请带' },
          { text: '身份证', strong: true },
          { text: '，见' },
          { text: '指南', link: 'https://example.org/x' },
          { text: '。' },
        ],
      },
      { kind: 'item', runs: [{ text: '一寸照片' }] },
      { kind: 'item', runs: [{ text: '合同' }] },
    ])
  })

  it.each([
    ['<script>alert(1)</script>正文', ['paragraph: 正文']],
    ['<p>甲<script src=x>乙</script >丙</p>', ['paragraph: 甲丙']],
    ['<img src=x onerror=alert(1)>图', ['paragraph: 图']],
    ['<a href="javascript:alert(1)">点</a>', ['paragraph: 点']],
    ['<a href="java&#x0a;script:alert(1)">点</a>', ['paragraph: 点']],
    ['<svg><script>alert(1)</script><text>x</text></svg>乙', ['paragraph: 乙']],
    ['<style>p{}</style><iframe srcdoc="<p>x">内</iframe>乙', ['paragraph: 乙']],
    ['<p>收 <a\u0000 href=x>费\u202e额</p>', ['paragraph: 收 费额']],
    ['甲&lt;script&gt;乙', ['paragraph: 甲<script>乙']],
    [
      '<table><tr><td>甲</td><td>乙</td></tr><tr><td>丙</td></tr></table>',
      ['paragraph: 甲 乙', 'paragraph: 丙'],
    ],
    ['第一行<br>第二行', ['paragraph: 第一行', 'paragraph: 第二行']],
    ['   \n <p> </p> ', []],
    ['', []],
  ])('%s', (html, expected) => {
    expect(plain(html)).toEqual(expected)
    expect(JSON.stringify(blocksFromHtml(html))).not.toContain('alert')
  })

  it('makes nothing of any markup but blocks and runs of the schema', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '<p>',
        '</p>',
        '<b>',
        '</b>',
        '<a href="',
        'javascript:',
        'https://x',
        '">',
        '</a>',
        '<script>',
        '</script>',
        '<li>',
        '<svg/onload=',
        '<!--',
        '-->',
        '<![CDATA[',
        '&#x6a;',
        '<',
      ),
      fc.string({ maxLength: 6 }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), pieces => {
        const made = blocksFromHtml(pieces.join(''))
        expect(made.filter(block => !textBlock.safeParse(block).success)).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  it('ends on open tags without end, as many as are taken', () => {
    const made = blocksFromHtml('<b><a href="https://x"><li>字'.repeat(7_000))
    expect(made.filter(block => !textBlock.safeParse(block).success)).toEqual([])
  })
})

describe('publishing knowledge', () => {
  let centre: TestCentre
  beforeAll(async () => {
    centre = await startCentre(await databaseFor('pglite', null))
    await addPeople(centre)
  })
  afterAll(() => centre.end())
  const publish = (version: string, content: unknown) =>
    centre.publications.publish(
      { name: knowledgeName, version, effectiveAt: '2026-11-20T00:00:00.000Z', content },
      'p-admin',
    )

  it('turns HTML into blocks, keeps what is in blocks, and gives out nothing else', async () => {
    const { body, ...rest } = someArticle('a', '甲', '正文')
    const content = {
      ...someKnowledge([someArticle('b', '乙', '已是段落')]),
      articles: [
        { ...rest, bodyHtml: '<p>正<b>文</b></p><script>alert(1)</script>' },
        someArticle('b', '乙', '已是段落'),
      ],
    }
    await publish('1', content)
    // Handed in again it is the same publication, not another.
    await publish('1', content)
    const kept = knowledge.parse(
      (await centre.publications.get(knowledgeName, '1')).content,
    ) satisfies Knowledge
    expect(kept.articles.map(one => one.body)).toEqual([
      [{ kind: 'paragraph', runs: [{ text: '正' }, { text: '文', strong: true }] }],
      [{ kind: 'paragraph', runs: [{ text: '已是段落' }] }],
    ])
    expect(body).toEqual([{ kind: 'paragraph', runs: [{ text: '正文' }] }])
  })

  it.each([
    ['nothing but a script as its text', { bodyHtml: '<script>alert(1)</script>' }],
    ['a link that runs', { body: [{ kind: 'paragraph', runs: [{ text: '点', link: 'javascript:x' }] }] }],
    ['markup beside its blocks', { html: '<p>' }],
    ['no owner', { owner: ' ' }],
  ])('refuses an article with %s', async (_, change) => {
    const { body, ...rest } = someArticle('a', '甲', '正文')
    const one = 'bodyHtml' in change ? { ...rest, ...change } : { ...rest, body, ...change }
    await expect(publish('bad', { ...someKnowledge([]), articles: [one] })).rejects.toMatchObject({
      code: 'PUBLICATION_INVALID',
    })
  })
})
