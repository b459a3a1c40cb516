/** This machine's records and the centre's, as one card. Pure. */
import type { CallerHistory } from '../../../shared/contract/central.ts'
import type { CallerCard } from '../../../shared/contract/seat.ts'
import { laterProfile } from '../../../shared/domain/caller-profile.ts'
import { type CaseSummary, isOpen } from '../../../shared/domain/case.ts'

/** As many as the core's own card has. */
const mostCases = 20

export type WholeCard = CallerCard & {
  /** Cases that the centre counts and does not show to this operator. */
  hiddenCount: number
  /** Cases that only the centre has: they are read there, not from this machine. */
  elsewhere: ReadonlySet<string>
}

const openFirst = (a: CaseSummary, b: CaseSummary) =>
  Number(isOpen(b.status)) - Number(isOpen(a.status)) || b.createdAt.localeCompare(a.createdAt)

/**
 * A case that both have is shown in its newer version; at equal versions this machine's, which may hold a change that is still
 * on its way. What only this machine has is not at the centre yet and is counted beside the centre's.
 */
export function withCentre(card: CallerCard, centre: CallerHistory | null): WholeCard {
  if (centre === null) return { ...card, hiddenCount: 0, elsewhere: new Set() }
  const local = new Map(card.cases.map(one => [one.caseId, one]))
  const there = new Set(centre.cases.map(({ caseId }) => caseId))
  const merged = centre.cases.map(theirs => {
    const own = local.get(theirs.caseId)
    return own !== undefined && own.version >= theirs.version ? own : theirs
  })
  // Only if the centre told all of its cases is one that it did not tell known to be missing there.
  const toldAll = centre.cases.length + centre.hiddenCount >= centre.caseCount
  const only = card.cases.filter(({ caseId }) => !there.has(caseId))
  const missing = toldAll ? only : []
  return {
    ...card,
    knownName: card.knownName || (merged.find(one => one.callerName !== '')?.callerName ?? ''),
    cases: [...merged, ...only].toSorted(openFirst).slice(0, mostCases),
    caseCount: Math.max(card.caseCount, centre.caseCount + missing.length),
    openCaseCount: Math.max(
      card.openCaseCount,
      centre.openCaseCount + missing.filter(one => isOpen(one.status)).length,
    ),
    profile: laterProfile(card.profile, centre.profile),
    localOnly: false,
    hiddenCount: centre.hiddenCount,
    elsewhere: new Set(
      // The core's card is cut at its limit: a case beyond it may be here all the same.
      card.cases.length < card.caseCount ? [] : [...there].filter(caseId => !local.has(caseId)),
    ),
  }
}
