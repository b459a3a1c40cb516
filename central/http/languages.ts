/** The pages that the centre writes itself are Chinese first, English second: by what somebody chose, else by what their browser asks. */
import type { FastifyReply, FastifyRequest } from 'fastify'

export type Language = 'zh' | 'en'
type Words = Readonly<Record<string, readonly [zh: string, en: string]>>
export type Say<W extends Words> = (
  name: keyof W,
  values?: Readonly<Record<string, string | number>>,
) => string

const cookieName = 'zuoxi_language'
const languageTag: Record<Language, string> = { zh: 'zh-CN', en: 'en' }
export const tagOf = (language: Language): string => languageTag[language]
export const otherOf = (language: Language): Language => (language === 'zh' ? 'en' : 'zh')

/** The one of the two that the browser likes better. */
function asked(header: string): Language {
  const liked = { zh: 0, en: 0 }
  for (const part of header.slice(0, 1_000).split(',')) {
    const [, name, quality] = /^\s*(zh|en)\b[^;]*(?:;\s*q=([\d.]+))?\s*$/i.exec(part) ?? []
    if (name === undefined) continue
    const language: Language = name.toLowerCase() === 'en' ? 'en' : 'zh'
    liked[language] = Math.max(liked[language], quality === undefined ? 1 : Number(quality))
  }
  // Of two that are liked as much, the first named is meant.
  if (liked.en === liked.zh && liked.en > 0) return /^\s*en\b/i.test(header) ? 'en' : 'zh'
  return liked.en > liked.zh ? 'en' : 'zh'
}

/** Where `?language=` was followed it is remembered. */
export function languageOf(request: FastifyRequest): Language {
  const { language } = request.query as { language?: unknown }
  if (language === 'zh' || language === 'en') return language
  const chosen = new RegExp(`(?:^|;\\s*)${cookieName}=(zh|en)(?:;|$)`).exec(request.headers.cookie ?? '')?.[1]
  return chosen === 'zh' || chosen === 'en' ? chosen : asked(request.headers['accept-language'] ?? '')
}
export function rememberLanguage(request: FastifyRequest, reply: FastifyReply, path: string): void {
  const { language } = request.query as { language?: unknown }
  if (language === 'zh' || language === 'en')
    void reply.header(
      'set-cookie',
      `${cookieName}=${language}; Path=${path}; SameSite=Lax; HttpOnly; Max-Age=31536000`,
    )
}

/** `{{name}}` in a text stands for a value. */
export const sayIn =
  <W extends Words>(words: W, language: Language): Say<W> =>
  (name, values = {}) =>
    (words[name]?.[language === 'zh' ? 0 : 1] ?? '').replace(/\{\{(\w+)\}\}/g, (_all, value: string) =>
      String(values[value] ?? ''),
    )
