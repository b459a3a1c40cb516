import { type ComponentType, lazy, useState } from 'react'

/**
 * A component whose code is fetched later, below a `Suspense`. Once it is here it is drawn at once: React's own `lazy` shows the
 * fallback first even then, for as long as a busy machine has something better to do. `fetch` may be called ahead of time.
 */
export function later<P extends object>(load: () => Promise<ComponentType<P>>) {
  let here: ComponentType<P> | null = null
  const fetch = async () => {
    here ??= await load()
    return here
  }
  const Awaited = lazy(async () => ({ default: await fetch() }))
  const Later = (props: P) => {
    // Stays what it was at first: another one would forget what was typed.
    const [Drawn] = useState(() => here ?? Awaited)
    return <Drawn {...props} />
  }
  return Object.assign(Later, { fetch })
}
