/** Codes with parents (诉求分类、行政区划), as flat lists from the catalogue: trees to choose from, paths to read. */

export type Coded = { code: string; name: string; parentCode: string | null }
export type TreeNode = { value: string; label: string; children?: TreeNode[] }

/** A tree of options from flat codes. Order as given. */
export function optionTree(flat: readonly Coded[]): TreeNode[] {
  const children = new Map<string | null, TreeNode[]>()
  const nodes = flat.map(({ code, name, parentCode }) => {
    const node: TreeNode = { value: code, label: name }
    children.set(parentCode, [...(children.get(parentCode) ?? []), node])
    return node
  })
  for (const node of nodes) {
    const own = children.get(node.value)
    if (own !== undefined) node.children = own
  }
  return children.get(null) ?? []
}

/** From the first level to the code itself; empty for an unknown code. */
export function codePath(
  flat: readonly { code: string; parentCode: string | null }[],
  code: string,
): string[] {
  const parents = new Map(flat.map(node => [node.code, node.parentCode]))
  const path: string[] = []
  let at: string | null = parents.has(code) ? code : null
  while (at !== null && path.length < 8) {
    path.unshift(at)
    at = parents.get(at) ?? null
  }
  return path
}

/** `住房 / 物业管理`; an unknown code is shown as it is. */
export function pathName(flat: readonly Coded[], code: string): string {
  const names = new Map(flat.map(node => [node.code, node.name]))
  const path = codePath(flat, code)
  return path.length === 0 ? code : path.map(step => names.get(step) ?? step).join(' / ')
}

/** Whether a path's names or codes contain what was typed; each word typed must be found. */
export function pathMatches(typed: string, path: readonly { value?: unknown; label?: unknown }[]): boolean {
  const text = path
    .map(({ value, label }) => `${String(label)} ${String(value)}`)
    .join(' ')
    .toLowerCase()
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word))
}
