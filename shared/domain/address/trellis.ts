/**
 * The ways to go through a sequence of BIO labels. A node is a label together with the field before its own, so that a step into
 * a new field can weigh three fields in a row: what comes after a road depends on what came before it.
 */

export type Trellis = {
  labels: string[]
  /** The label of each node. */
  labelOf: Uint16Array
  /** 1 for the nodes where a field begins. */
  opens: Uint8Array
  /** The arc by which a field goes on after the node; -1 where it cannot. */
  goesOn: Int32Array
  /** The nodes at which a sequence begins, each with the number of its step. */
  starts: { node: number; step: number }[]
  arcFrom: Uint16Array
  arcTo: Uint16Array
  /** Two steps an arc: that of the labels, and that of the three fields; step 0 weighs nothing. */
  arcSteps: Uint16Array
  /** Steps by name: the labels or fields one after another, with blanks between. */
  stepIds: Map<string, number>
}

const fieldOf = (label: string): string => (label === 'O' ? label : label.slice(2))
const opensField = (label: string): boolean => !label.startsWith('I-')

type Node = { before: string; label: string }
const keyOf = ({ before, label }: Node): string => `${before} ${label}`

/** The nodes of a labelled sequence. */
function nodesOf(labels: string[]): Node[] {
  let before = ''
  let current = ''
  return labels.map(label => {
    if (opensField(label)) {
      before = current
      current = fieldOf(label)
    }
    return { before, label }
  })
}

/** Only what stood in these sequences can be said, and any field can go on. */
export function trellisOf(sequences: string[][]): Trellis {
  const byKey = new Map<string, Node>()
  const add = (node: Node) => byKey.set(keyOf(node), node)
  const labels = [...new Set(sequences.flat())].sort()
  for (const sequence of sequences) nodesOf(sequence).forEach(add)
  for (const { before, label } of byKey.values()) {
    const inside = `I-${fieldOf(label)}`
    if (labels.includes(inside)) add({ before, label: inside })
  }
  const nodes = [...byKey.values()]
  const stepIds = new Map([['', 0]])
  const stepOf = (...names: string[]): number => {
    const name = names.join(' ')
    const id = stepIds.get(name) ?? stepIds.size
    stepIds.set(name, id)
    return id
  }
  const arcs: { from: number; to: number; steps: [number, number] }[] = []
  const goesOn = new Int32Array(nodes.length).fill(-1)
  nodes.forEach((one, from) => {
    nodes.forEach((other, to) => {
      const field = fieldOf(one.label)
      const stays = !opensField(other.label)
      if (stays ? other.before !== one.before || fieldOf(other.label) !== field : other.before !== field)
        return
      if (stays) goesOn[from] = arcs.length
      const fields = stays ? 0 : stepOf('=', one.before, field, fieldOf(other.label))
      arcs.push({ from, to, steps: [stepOf(one.label, other.label), fields] })
    })
  })
  return {
    labels,
    labelOf: Uint16Array.from(nodes, ({ label }) => labels.indexOf(label)),
    opens: Uint8Array.from(nodes, ({ label }) => (opensField(label) ? 1 : 0)),
    goesOn,
    starts: nodes.flatMap(({ before, label }, node) =>
      before === '' && opensField(label) ? [{ node, step: stepOf('^', label) }] : [],
    ),
    arcFrom: Uint16Array.from(arcs, ({ from }) => from),
    arcTo: Uint16Array.from(arcs, ({ to }) => to),
    arcSteps: Uint16Array.from(arcs.flatMap(({ steps }) => steps)),
    stepIds,
  }
}

/** The names of the steps that a labelled sequence takes. */
export function stepsTaken(labels: string[]): string[] {
  const nodes = nodesOf(labels)
  return nodes.flatMap(({ before, label }, at) => {
    const last = nodes[at - 1]
    if (last === undefined) return [`^ ${label}`]
    const step = `${last.label} ${label}`
    return opensField(label) ? [step, `= ${last.before} ${before} ${fieldOf(label)}`] : [step]
  })
}
