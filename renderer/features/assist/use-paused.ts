import { useEffect, useState } from 'react'

const pauseMs = 250

/** The value as it was when the typing last paused. */
export function usePaused<T>(value: T): T {
  const written = JSON.stringify(value)
  const [paused, setPaused] = useState(written)
  useEffect(() => {
    const timer = setTimeout(() => setPaused(written), pauseMs)
    return () => clearTimeout(timer)
  }, [written])
  return JSON.parse(paused) as T
}
