/** What was refused is typed anew: the field is emptied and has the keyboard. */
import type { InputRef } from 'antd'
import { useEffect, useRef } from 'react'

export function useRetyped(problem: string | null, clear: () => void) {
  const box = useRef<InputRef>(null)
  const clearing = useRef(clear)
  clearing.current = clear
  useEffect(() => {
    if (problem === null) return
    clearing.current()
    box.current?.focus()
  }, [problem])
  return box
}
