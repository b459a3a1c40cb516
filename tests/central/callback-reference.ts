/**
 * What the queue of callbacks should do, said again as simply as possible: whole lists, no locks, no SQL, time settled at once. It
 * shares no code with the machine that it is compared with.
 */
export type RefTask = {
  taskId: string
  number: number
  state: 'open' | 'claimed' | 'dialling' | 'uncertain' | 'closed'
  fence: number
  holder: number | null
  until: number
  since: number
  attempts: number
  notBefore: number
  reopenedAt: number
  calls: { id: string; missedAt: number; coveredBy: string | null }[]
  closing: string | null
  closedAt: number
}
export type RefOutcome = 'reached' | 'no-answer' | 'busy' | 'failed'
export type RefPolicy = {
  leaseMs: number
  attempts: number
  holdMs: number | null
  spacingMs: Record<Exclude<RefOutcome, 'reached'>, number>
}

export function createReference(policy: RefPolicy, start: number) {
  const tasks: RefTask[] = []
  const ids = new Set<string>()
  const contacts: { id: string; number: number; at: number; undone: boolean }[] = []
  /** Who rang whom, and when that may have ended. */
  const rings: { number: number; seat: number; task: RefTask; fence: number }[] = []
  let now = start

  const openOf = (number: number) => tasks.find(task => task.number === number && task.state !== 'closed')
  const settle = () => {
    for (const task of tasks) {
      if ((task.state === 'claimed' || task.state === 'dialling') && task.until <= now) {
        if (task.state === 'dialling') Object.assign(task, { state: 'uncertain', since: task.until })
        else Object.assign(task, { state: 'open', holder: null })
      }
      if (task.state === 'uncertain' && policy.holdMs !== null && task.since + policy.holdMs <= now) {
        task.attempts += 1
        task.fence += 1
        if (task.attempts < policy.attempts) free(task)
        else close(task, null)
      }
    }
  }
  const free = (task: RefTask) => Object.assign(task, { state: 'open', holder: null })
  const close = (task: RefTask, closing: string | null) =>
    Object.assign(task, { state: 'closed', holder: null, closing, closedAt: now })
  const holds = (task: RefTask, seat: number, fence: number) =>
    task.fence === fence && task.holder === seat && (task.state === 'claimed' || task.state === 'dialling')

  return {
    tasks,
    rings,
    contacts,
    ids,
    now: () => now,
    at: (ms: number) => {
      now = ms
      settle()
    },
    openOf,
    claimable: (task: RefTask) => task.state === 'open' && task.notBefore <= now,
    post: (id: string, number: number, missedAt: number, newTask: () => string) => {
      if (ids.has(id)) return 'duplicate'
      ids.add(id)
      if (contacts.some(contact => !contact.undone && contact.number === number && contact.at >= missedAt))
        return 'answered'
      const call = { id, missedAt, coveredBy: null }
      const present = openOf(number)
      if (present !== undefined) {
        present.calls.push(call)
        return 'repeated'
      }
      tasks.push({
        taskId: newTask(),
        number,
        state: 'open',
        fence: 0,
        holder: null,
        until: 0,
        since: 0,
        attempts: 0,
        notBefore: 0,
        reopenedAt: -Infinity,
        calls: [call],
        closing: null,
        closedAt: 0,
      })
      return 'opened'
    },
    claimed: (task: RefTask, seat: number) => {
      task.fence += 1
      Object.assign(task, { state: 'claimed', holder: seat, until: now + policy.leaseMs })
      return task.fence
    },
    /** Whether the phone may ring. */
    dial: (task: RefTask, seat: number, fence: number) => {
      if (!holds(task, seat, fence)) return false
      if (task.state === 'claimed') {
        Object.assign(task, { state: 'dialling', until: now + policy.leaseMs })
        rings.push({ number: task.number, seat, task, fence })
      }
      return true
    },
    outcome: (task: RefTask, seat: number, fence: number, outcome: RefOutcome) => {
      if (!holds(task, seat, fence) || task.state !== 'dialling') return false
      if (outcome === 'reached') {
        contacts.push({ id: `own ${task.taskId} ${fence}`, number: task.number, at: now, undone: false })
        close(task, `own ${task.taskId} ${fence}`)
        return true
      }
      if (outcome !== 'failed') task.attempts += 1
      if (outcome !== 'failed' && task.attempts >= policy.attempts) close(task, null)
      else Object.assign(free(task), { notBefore: now + policy.spacingMs[outcome] })
      return true
    },
    decline: (task: RefTask, seat: number, fence: number) => {
      if (!holds(task, seat, fence) || task.state !== 'claimed') return false
      free(task)
      return true
    },
    answered: (id: string, number: number, at: number) => {
      contacts.push({ id, number, at, undone: false })
      const task = openOf(number)
      if (task === undefined || at <= task.reopenedAt) return
      const before = task.calls.filter(call => call.coveredBy === null && call.missedAt <= at)
      for (const call of before) call.coveredBy = id
      if (before.length > 0 && task.calls.every(call => call.coveredBy !== null)) close(task, id)
    },
    undo: (task: RefTask) => {
      if (task.state !== 'closed' || openOf(task.number) !== undefined) return false
      const closing = task.closing
      const contact = contacts.find(({ id }) => id === closing)
      if (contact !== undefined) contact.undone = true
      for (const call of task.calls) if (call.coveredBy === closing && closing !== null) call.coveredBy = null
      Object.assign(free(task), { notBefore: 0, reopenedAt: now, closing: null })
      return true
    },
    release: (task: RefTask) => {
      if (task.state !== 'uncertain') return false
      task.attempts += 1
      task.fence += 1
      free(task)
      return true
    },
  }
}
export type Reference = ReturnType<typeof createReference>
