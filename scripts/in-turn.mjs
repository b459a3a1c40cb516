/**
 * What several print at once, each whole and in this order: the first that is not over is shown as it comes, what the others say
 * meanwhile is kept until it is their turn. Returns each one's `print` and `end`.
 */
export function inTurn(names, write) {
  const kept = new Map(names.map(name => [name, []]))
  const over = new Set()
  const show = () => {
    for (const name of names) {
      for (const text of kept.get(name).splice(0)) write(text)
      if (!over.has(name)) return
    }
  }
  return name => ({
    print: text => {
      kept.get(name).push(text)
      show()
    },
    end: () => {
      over.add(name)
      show()
    },
  })
}
