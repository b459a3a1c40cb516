/** Phone numbers as exchanges deliver them, and the one form that the same citizen always gets (归一号码). */

export type NumberKind = 'mobile' | 'landline' | 'service' | 'international' | 'extension' | 'withheld' | 'invalid'

export type NormalizedNumber = {
  kind: NumberKind
  /** The same for every way of writing one number; null when withheld or not a number at all. */
  key: string | null
  /** The landline's extension (分机), digits only. It does not take part in the key. */
  extension: string | null
  /** How the page shows it: grouped, or 匿名来电 / the cleaned-up original. */
  display: string
  dialable: boolean
}
