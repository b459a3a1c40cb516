/**
 * The drafts on the desk. What is typed is here first, at once, and on its way to the core's database within
 * `saveWithinMs`; while the core is away it waits here and goes when the core is back. Nothing is ever dropped.
 */
import { create } from 'zustand'
import type { CaseFields, Draft } from '../../../shared/domain/case.ts'

export const saveWithinMs = 150
const refusedRetryMs = 2_000

export type SaveState = 'saved' | 'saving' | 'waiting' | 'refused'
export type OpenDraft = {
  draftId: string
  callId: string | null
  createdAt: string
  fields: CaseFields
  revision: number
  savedRevision: number
  /** What is stored under that revision, as far as this page knows. */
  savedFields: CaseFields
  /** What was sent last: stored or not, where its answer never came. */
  sent: { revision: number; fields: CaseFields } | null
  saveState: SaveState
  /** Why the core did not take it, as it said so. */
  problem: string | null
}

export type DeskState = {
  drafts: readonly OpenDraft[]
  activeId: string | null
}

export type DraftSink = {
  /** `elsewhere`: another page of this seat has saved since `base`, and nothing was stored. */
  save(input: {
    draftId: string
    revision: number
    base: number
    fields: CaseFields
  }): Promise<{ elsewhere: Draft | null }>
  /** True for "the core is away": keep it and try when it is back. */
  isAway(error: unknown): boolean
  /** True for "there is no such draft any more". */
  isGone(error: unknown): boolean
  sentence(error: unknown): string
  after(ms: number, run: () => void): () => void
}

export type Desk = ReturnType<typeof createDesk>

/** The fields in which two forms differ. */
const differing = (one: CaseFields, other: CaseFields): (keyof CaseFields)[] =>
  (Object.keys(other) as (keyof CaseFields)[]).filter(
    name => JSON.stringify(one[name]) !== JSON.stringify(other[name]),
  )

export function createDesk(sink: DraftSink) {
  const use = create<DeskState>(() => ({ drafts: [], activeId: null }))
  const timers = new Map<string, () => void>()
  const inFlight = new Map<string, Promise<void>>()
  let owner: string | null = null
  /** What the core has not taken yet of those who left, by whose it is: out of sight, and never another's. */
  const left = new Map<string, OpenDraft[]>()

  const find = (draftId: string) => use.getState().drafts.find(draft => draft.draftId === draftId)
  const change = (draftId: string, patch: (draft: OpenDraft) => Partial<OpenDraft>) =>
    use.setState(({ drafts }) => ({
      drafts: drafts.map(draft => (draft.draftId === draftId ? { ...draft, ...patch(draft) } : draft)),
    }))

  const schedule = (draftId: string, ms: number) => {
    if (timers.has(draftId)) return
    timers.set(
      draftId,
      sink.after(ms, () => {
        timers.delete(draftId)
        void flush(draftId)
      }),
    )
  }

  /** Sends the newest text; one request a draft at a time, so that an older one never arrives after a newer one. */
  const flush = (draftId: string): Promise<void> => {
    const going = inFlight.get(draftId)
    if (going !== undefined) return going
    const sending = send(draftId).finally(() => inFlight.delete(draftId))
    inFlight.set(draftId, sending)
    return sending
  }

  const send = async (draftId: string): Promise<void> => {
    const draft = find(draftId)
    if (draft === undefined || draft.revision === draft.savedRevision) return
    const { revision, fields, savedRevision: base, sent: before } = draft
    change(draftId, () => ({ saveState: 'saving', sent: { revision, fields } }))
    try {
      const { elsewhere } = await sink.save({ draftId, revision, base, fields })
      if (elsewhere !== null) {
        const isOwn =
          before !== null &&
          before.revision === elsewhere.revision &&
          differing(before.fields, elsewhere.fields).length === 0
        if (isOwn)
          change(draftId, () => ({ savedRevision: elsewhere.revision, savedFields: elsewhere.fields }))
        else take(elsewhere)
        return send(draftId)
      }
      change(draftId, now => ({
        savedRevision: revision,
        savedFields: fields,
        saveState: now.revision === revision ? 'saved' : 'saving',
        problem: null,
      }))
    } catch (error) {
      if (sink.isGone(error)) return remove(draftId)
      const away = sink.isAway(error)
      change(draftId, () => ({
        saveState: away ? 'waiting' : 'refused',
        problem: away ? null : sink.sentence(error),
      }))
      schedule(draftId, away ? 500 : refusedRetryMs)
      return
    }
    if (find(draftId)?.revision !== revision) schedule(draftId, saveWithinMs)
  }

  /** Those that had the desk before the one that has it, the latest last. */
  let recent: string[] = []
  const select = (activeId: string) => {
    const before = use.getState().activeId
    if (before !== null) recent = [...recent.filter(id => id !== before), before]
    use.setState({ activeId })
  }

  /**
   * `then`: what has the desk if this draft had it. The form that had it before, where this one came uncalled for (a call that rang in
   * vain); else nothing, for no other form is what the operator means to go on with.
   */
  const remove = (draftId: string, then: 'former' | 'nothing' = 'nothing') => {
    timers.get(draftId)?.()
    timers.delete(draftId)
    recent = recent.filter(id => id !== draftId)
    use.setState(({ drafts, activeId }) => {
      const left = drafts.filter(draft => draft.draftId !== draftId)
      const former = recent.findLast(id => left.some(draft => draft.draftId === id)) ?? null
      const next = then === 'former' ? former : null
      return { drafts: left, activeId: activeId === draftId ? next : activeId }
    })
  }

  /** Another page's fields, with those on top that were changed here since this page's were stored. */
  const take = (stored: Draft) =>
    change(stored.draftId, now => {
      const own = Object.fromEntries(
        differing(now.savedFields, now.fields).map(name => [name, now.fields[name]]),
      )
      const fields = { ...stored.fields, ...own }
      const isSame = differing(stored.fields, fields).length === 0
      return {
        fields,
        revision: isSame ? stored.revision : Math.max(stored.revision, now.revision) + 1,
        savedRevision: stored.revision,
        savedFields: stored.fields,
        saveState: isSame ? 'saved' : 'saving',
      }
    })

  const opened = (draft: Draft): OpenDraft => ({
    draftId: draft.draftId,
    callId: draft.callId,
    createdAt: draft.createdAt,
    fields: draft.fields,
    revision: draft.revision,
    savedRevision: draft.revision,
    savedFields: draft.fields,
    sent: null,
    saveState: 'saved',
    problem: null,
  })

  return {
    use,
    find,
    remove,
    ofCall: (callId: string) => use.getState().drafts.find(draft => draft.callId === callId),
    select,
    /** A draft that the core has made or told of. What is typed here already goes before what the core knows. */
    add: (draft: Draft) => {
      if (find(draft.draftId) === undefined)
        use.setState(({ drafts }) => ({ drafts: [...drafts, opened(draft)] }))
    },
    /** All drafts of the core: new ones appear, ended ones go unless there is text here that it does not have. */
    reconcile: (stored: readonly Draft[]) => {
      const known = new Set(stored.map(draft => draft.draftId))
      use.setState(({ drafts, activeId }) => {
        const kept = drafts.filter(
          draft => known.has(draft.draftId) || draft.revision !== draft.savedRevision,
        )
        const fresh = stored.filter(draft => !drafts.some(own => own.draftId === draft.draftId)).map(opened)
        const all = [...kept, ...fresh]
        const first = drafts.length === 0 ? (all[0]?.draftId ?? null) : null
        return {
          drafts: all,
          activeId: all.some(draft => draft.draftId === activeId) ? activeId : first,
        }
      })
    },
    edit: (draftId: string, patch: Partial<CaseFields>) => {
      change(draftId, draft => ({
        fields: { ...draft.fields, ...patch },
        revision: draft.revision + 1,
        // "Saved" would be untrue from this key press on.
        saveState: draft.saveState === 'saved' ? 'saving' : draft.saveState,
      }))
      schedule(draftId, saveWithinMs)
    },
    flush,
    /** What is stored, where another page may have written it: nothing of it is lost by what this page does next. */
    take,
    /** Whether everything that was typed is in the database, after waiting no longer than this for it. */
    settle: (withinMs: number): Promise<boolean> => {
      const isSettled = () => use.getState().drafts.every(draft => draft.revision === draft.savedRevision)
      // Twice: what was on its way when this began may have been an older text.
      for (const { draftId } of use.getState().drafts) void flush(draftId).then(() => flush(draftId))
      if (isSettled()) return Promise.resolve(true)
      return new Promise(resolve => {
        const end = () => {
          stop()
          cancel()
          resolve(isSettled())
        }
        const stop = use.subscribe(() => isSettled() && end())
        const cancel = sink.after(withinMs, end)
      })
    },
    /**
     * Another person sits down, or nobody (null): the desk is cleared of the one before. Of what they typed last the core may not
     * have it all; it is there again, and is sent, when they come back.
     */
    handTo: (operatorId: string | null) => {
      if (operatorId === owner) return
      const { drafts } = use.getState()
      for (const cancel of timers.values()) cancel()
      timers.clear()
      if (owner !== null)
        left.set(
          owner,
          drafts.filter(({ revision, savedRevision }) => revision !== savedRevision),
        )
      owner = operatorId
      const back = operatorId === null ? [] : (left.get(operatorId) ?? [])
      if (operatorId !== null) left.delete(operatorId)
      use.setState({ drafts: back, activeId: back[0]?.draftId ?? null })
      for (const { draftId } of back) void flush(draftId)
    },
    /** Now, for all: the core is back, or the page is about to be hidden. */
    flushAll: () => {
      for (const draft of use.getState().drafts) void flush(draft.draftId)
    },
  }
}
