import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createDesk, saveWithinMs } from '../../renderer/features/case-form/draft-store.ts'
import { emptyCaseFields } from '../../shared/domain/case.ts'
import { draft } from '../support/stored-draft.ts'

/** A core with a fake clock: it can be away, refuse, or answer late; it keeps only newer revisions, as the real one does. */
function world() {
  const stored = { revision: 0, title: '' }
  const timers: { at: number; run: () => void }[] = []
  const state = { now: 0, mode: 'up' as 'up' | 'away' | 'refusing' }
  const desk = createDesk({
    save: ({ revision, fields }) =>
      new Promise((resolve, reject) => {
        const { mode } = state
        if (mode === 'up') {
          if (revision > stored.revision) Object.assign(stored, { revision, title: fields.title })
          resolve({ elsewhere: null })
        } else reject(new Error(mode))
      }),
    isAway: error => error instanceof Error && error.message === 'away',
    isGone: () => false,
    sentence: () => '磁盘已满',
    after: (ms, run) => {
      const timer = { at: state.now + ms, run }
      timers.push(timer)
      return () => void timers.splice(timers.indexOf(timer), 1)
    },
  })
  const pass = async (ms: number) => {
    state.now += ms
    for (;;) {
      await new Promise(resolve => setImmediate(resolve))
      const due = timers.findIndex(timer => timer.at <= state.now)
      if (due < 0) return
      timers.splice(due, 1)[0]?.run()
    }
  }
  desk.add(draft('d'))
  return { desk, state, stored, pass }
}

it('sends what was typed within its bound, and says "saved" only when it is', async () => {
  const { desk, stored, pass } = world()
  desk.edit('d', { title: '字' })
  expect(desk.find('d')?.saveState).toBe('saving')
  await pass(saveWithinMs)
  expect(stored.title).toBe('字')
  expect(desk.find('d')?.saveState).toBe('saved')
})

it('whatever the core does meanwhile, the last text is what ends up saved', async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('type' as const), text: fc.string({ maxLength: 8 }) }),
    fc.record({
      do: fc.constant('mode' as const),
      mode: fc.constantFrom('up' as const, 'away' as const, 'refusing' as const),
    }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 3_000 }) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async steps => {
      const { desk, state, stored, pass } = world()
      let last = ''
      for (const one of steps) {
        if (one.do === 'type') {
          last = one.text
          desk.edit('d', { title: last })
        } else if (one.do === 'mode') state.mode = one.mode
        else await pass(one.ms)
        expect(desk.find('d')?.fields.title).toBe(last)
      }
      state.mode = 'up'
      for (let round = 0; round < 4; round += 1) await pass(3_000)
      expect(stored.title).toBe(last)
      expect(desk.find('d')?.saveState).toBe('saved')
    }),
    { numRuns: 60 },
  )
})

it('moves to no other form by itself, but back from one that came uncalled for', () => {
  const { desk } = world()
  const active = () => desk.use.getState().activeId
  for (const draftId of ['before', 'rang']) desk.add(draft(draftId))
  desk.select('before')
  desk.select('rang')
  desk.remove('rang', 'former')
  expect(active()).toBe('before')
  desk.remove('before')
  expect(active()).toBeNull()
  // Nor when the core tells of its drafts again.
  desk.reconcile([draft('d'), draft('left over')])
  expect(active()).toBeNull()
  const fresh = world().desk
  fresh.remove('d')
  fresh.reconcile([draft('first'), draft('second')])
  expect(fresh.use.getState().activeId).toBe('first')
  // Also to one that had the desk without having been chosen.
  fresh.select('second')
  fresh.remove('second', 'former')
  expect(fresh.use.getState().activeId).toBe('first')
})

it('two pages that write into one form lose nothing that either of them called saved', async () => {
  const names = ['title', 'content', 'place', 'remarks'] as const
  const key = fc.record({
    page: fc.nat(1),
    name: fc.nat(names.length / 2 - 1),
    text: fc.string({ maxLength: 4 }),
    pause: fc.constantFrom(0, 20, 200, 900),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(key, { maxLength: 25 }), async keys => {
      const stored = { revision: 0, fields: emptyCaseFields }
      const timers: { at: number; run: () => void }[] = []
      let now = 0
      // As the core's rule is.
      const save: Parameters<typeof createDesk>[0]['save'] = async ({ revision, base, fields }) => {
        await Promise.resolve()
        if (base < stored.revision && JSON.stringify(stored.fields) !== JSON.stringify(fields))
          return { elsewhere: draft('d', stored) }
        if (revision > stored.revision) Object.assign(stored, { revision, fields })
        return { elsewhere: null }
      }
      const pages = [0, 1].map(() =>
        createDesk({
          save,
          isAway: () => false,
          isGone: () => false,
          sentence: String,
          after: (ms, run) => {
            const timer = { at: now + ms, run }
            timers.push(timer)
            return () => void timers.splice(timers.indexOf(timer), 1)
          },
        }),
      )
      for (const page of pages) page.add(draft('d'))
      const pass = async (ms: number) => {
        now += ms
        for (;;) {
          await new Promise(resolve => setImmediate(resolve))
          const due = timers.findIndex(timer => timer.at <= now)
          if (due < 0) return
          timers.splice(due, 1)[0]?.run()
        }
      }
      // Each page writes fields of its own, in any order and pace.
      const last: Partial<Record<(typeof names)[number], string>> = {}
      for (const { page, name, text, pause } of keys) {
        const field = names[page * 2 + name] ?? 'title'
        pages[page]?.edit('d', { [field]: text })
        last[field] = text
        await pass(pause)
      }
      await pass(10_000)
      await pass(10_000)
      for (const page of pages) expect(page.find('d')?.saveState).toBe('saved')
      expect(stored.fields).toMatchObject(last)
    }),
    { numRuns: 60 },
  )
})

it('an own save whose answer was lost is no other page’s: what was taken back stays taken back', async () => {
  const saves: { revision: number; fields: { title: string } }[] = []
  let answers = false
  const stored = { revision: 0, fields: emptyCaseFields }
  const timers: (() => void)[] = []
  const desk = createDesk({
    save: async ({ revision, base, fields }) => {
      await Promise.resolve()
      saves.push({ revision, fields })
      const elsewhere =
        base < stored.revision && JSON.stringify(stored.fields) !== JSON.stringify(fields)
          ? draft('d', stored)
          : null
      if (elsewhere === null) Object.assign(stored, { revision, fields })
      if (!answers) throw new Error('the core died after it had stored it')
      return { elsewhere }
    },
    isAway: () => true,
    isGone: () => false,
    sentence: String,
    after: (_, run) => {
      timers.push(run)
      return () => {}
    },
  })
  desk.add(draft('d'))
  desk.edit('d', { title: '打错的字' })
  await desk.flush('d')
  desk.edit('d', { title: '' })
  answers = true
  await desk.flush('d')
  await desk.flush('d')
  expect(stored.fields.title).toBe('')
  expect(desk.find('d')).toMatchObject({ saveState: 'saved', fields: { title: '' } })
})
