/** Words of the interface, Chinese first, English second, kept beside the feature that says them. */
import i18next from 'i18next'
import { initReactI18next, useTranslation } from 'react-i18next'

type Words = Record<string, readonly [zh: string, en: string]>

void i18next.use(initReactI18next).init({
  lng: 'zh-CN',
  fallbackLng: 'zh-CN',
  resources: {},
  interpolation: { escapeValue: false },
  keySeparator: false,
  nsSeparator: false,
})

export type Say<W extends Words> = (key: keyof W & string, values?: Record<string, string | number>) => string

/** Registers a feature's words and returns the hook that says them. */
export function defineText<const W extends Words>(namespace: string, words: W): () => Say<W> {
  const column = (index: 0 | 1) =>
    Object.fromEntries(Object.entries(words).map(([key, both]) => [key, both[index]]))
  i18next.addResourceBundle('zh-CN', namespace, column(0))
  i18next.addResourceBundle('en-US', namespace, column(1))
  return () => {
    const { i18n } = useTranslation(namespace)
    const translate = i18n.t as (key: string, values: Record<string, unknown>) => string
    const index = i18n.language === 'en-US' ? 1 : 0
    // Most words have no values, and a key press draws a hundred of them: those are looked up, not put together.
    return (key, values) =>
      values === undefined ? (words[key]?.[index] ?? key) : translate(key, { ...values, ns: namespace })
  }
}

export function setLanguage(language: 'zh-CN' | 'en-US') {
  document.documentElement.lang = language
  if (i18next.language !== language) void i18next.changeLanguage(language)
}

/** The sentence of an error for the operator: the core's own, or a plain one. */
export const sentenceOf = (error: unknown): string =>
  error instanceof Error && error.message !== '' ? error.message : '操作没有完成，请重试'
