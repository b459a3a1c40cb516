/**
 * When something was done, as far as it counts (受理、签收、答复、办结…). A seat's clock is evidence: it sets a time only between the
 * seat's last contact with the centre and the moment of receipt.
 */

/** A contact is written down once in so long at most. */
export const contactEveryMs = 20_000
/** A seat that was not heard of for longer was away. */
const awayAfterMs = 3 * 60_000
/** What it did meanwhile arrives within so long after it is back. */
const catchUpMs = 30 * 60_000
/** Two times of one entry that are this close are shown as one. */
const notableMs = 60_000

/** What the centre remembers of a seat's contacts. */
export type Contact = { contactAt: string; awayFrom: string | null; backAt: string | null }

/** What is remembered after a contact at `now`; the same when it is too soon to write it down. */
export function contactAfter(before: Contact, now: number): Contact {
  const gap = now - Date.parse(before.contactAt)
  if (gap < contactEveryMs) return before
  const contactAt = new Date(now).toISOString()
  return gap > awayAfterMs
    ? { contactAt, awayFrom: before.contactAt, backAt: contactAt }
    : { ...before, contactAt }
}

/** No time of this seat before this one counts. `contact`: before the request that is judged. */
export function floorOf(contact: Contact, now: number): string {
  const { contactAt, awayFrom, backAt } = contact
  return awayFrom !== null && backAt !== null && now - Date.parse(backAt) <= catchUpMs ? awayFrom : contactAt
}

export type Evidence = {
  /** The seat's clock when it was done. */
  issuedAt: string
  /** Nothing before it counts. */
  floor: string
  /** The centre's clock. */
  receivedAt: string
  /** The seat's clock less the centre's, as far as it is known. */
  skewMs: number
}

export function effectiveTime({ issuedAt, floor, receivedAt, skewMs }: Evidence): string {
  const done = Date.parse(issuedAt) - skewMs
  if (done < Date.parse(floor) || done > Date.parse(receivedAt)) return receivedAt
  return new Date(done).toISOString()
}

/** What the seat said, where the history should tell it beside the time that counts. */
export function reportedTime(
  { issuedAt, skewMs }: Pick<Evidence, 'issuedAt' | 'skewMs'>,
  at: string,
): string | undefined {
  const apart = Math.abs(Date.parse(issuedAt) - skewMs - Date.parse(at))
  return apart > notableMs ? new Date(issuedAt).toISOString() : undefined
}
