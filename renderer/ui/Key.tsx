/** A shortcut shown beside what it does. Hidden from accessible names; the control says it by aria-keyshortcuts. */
export function Key({ children }: { children: string }) {
  return (
    <kbd className="key" aria-hidden="true">
      {children}
    </kbd>
  )
}
