/**
 * Rich text on its way in: HTML as an editor or a word processor gives it becomes blocks and runs. What they cannot say (scripts,
 * styles, frames, handlers, other addresses than pages and telephones) is gone, and what was merely formatted keeps its words.
 */
import { Parser } from 'htmlparser2'
import type { TextBlock, TextRun } from '../../shared/domain/knowledge/article.ts'

/** Their content is no text. */
const dropped = new Set([
  'script',
  'style',
  'iframe',
  'object',
  'embed',
  'template',
  'noscript',
  'svg',
  'math',
  'head',
  'title',
  'textarea',
  'select',
  'canvas',
  'audio',
  'video',
])
const blocks: Record<string, TextBlock['kind']> = {
  h1: 'heading',
  h2: 'heading',
  h3: 'heading',
  h4: 'heading',
  h5: 'heading',
  h6: 'heading',
  li: 'item',
  p: 'paragraph',
  div: 'paragraph',
  tr: 'paragraph',
  blockquote: 'paragraph',
  pre: 'paragraph',
  br: 'paragraph',
  table: 'paragraph',
  ul: 'paragraph',
  ol: 'paragraph',
  section: 'paragraph',
  article: 'paragraph',
}
const strong = new Set(['b', 'strong'])
const address = /^(?:https?:\/\/|tel:)\S{1,1990}$/i
/** Characters that show nothing; what turns the direction of writing could make a text read otherwise. */
const invisible = /[\p{Cc}\p{Cf}]+/gu

export function blocksFromHtml(html: string): TextBlock[] {
  const found: TextBlock[] = []
  let runs: TextRun[] = []
  let kind: TextBlock['kind'] = 'paragraph'
  let droppedDepth = 0
  let strongDepth = 0
  const links: (string | null)[] = []

  const end = (next: TextBlock['kind']) => {
    const [first, last] = [runs[0], runs.at(-1)]
    if (first !== undefined) first.text = first.text.trimStart()
    if (last !== undefined) last.text = last.text.trimEnd()
    const kept = runs.filter(({ text }) => text !== '')
    if (kept.some(({ text }) => text.trim() !== '')) found.push({ kind, runs: kept })
    runs = []
    kind = next
  }

  const parser = new Parser(
    {
      onopentag(name, attributes) {
        if (dropped.has(name)) droppedDepth += 1
        if (droppedDepth > 0) return
        const block = blocks[name]
        // Within an item or a heading a paragraph is only how the editor wrote it.
        if (block !== undefined) end(block === 'paragraph' && runs.length === 0 ? kind : block)
        if (strong.has(name)) strongDepth += 1
        if (name === 'a')
          links.push(address.test(attributes['href'] ?? '') ? (attributes['href'] ?? null) : null)
        if (name === 'td' || name === 'th') append(' ')
      },
      ontext(text) {
        if (droppedDepth === 0) append(text)
      },
      onclosetag(name) {
        if (dropped.has(name)) droppedDepth = Math.max(0, droppedDepth - 1)
        if (droppedDepth > 0) return
        if (blocks[name] !== undefined) end('paragraph')
        if (strong.has(name)) strongDepth = Math.max(0, strongDepth - 1)
        if (name === 'a') links.pop()
      },
    },
    { decodeEntities: true, lowerCaseTags: true, recognizeSelfClosing: false },
  )

  function append(raw: string): void {
    const text = raw.replace(/\s+/gu, ' ').replace(invisible, '')
    if (text === '') return
    const link = links.at(-1) ?? undefined
    const run: TextRun = { text }
    if (strongDepth > 0) run.strong = true
    if (link !== undefined) run.link = link
    const before = runs.at(-1)
    if (before !== undefined && before.strong === run.strong && before.link === run.link) before.text += text
    else runs.push(run)
  }

  parser.write(html)
  parser.end()
  end('paragraph')
  return found
}
