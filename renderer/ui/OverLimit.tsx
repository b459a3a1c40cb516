/**
 * Says under a field that its text is longer than may be stored. A field is never cut: of a pasted text nobody would notice what is
 * missing. The core refuses what is too long.
 */
import { defineText } from './text.ts'

const useText = defineText('over-limit', {
  over: [
    '超过 {{max}} 字，多了 {{more}} 字：删减后才能保存',
    '{{more}} characters over {{max}}; shorten it to save it',
  ],
})

/** `max`: as the contract counts, in UTF-16 units. */
export function OverLimit({ text, max }: { text: string; max: number }) {
  const say = useText()
  if (text.length <= max) return null
  return (
    <p className="field-over" role="alert">
      {say('over', { max, more: text.length - max })}
    </p>
  )
}
