import type { ReactNode } from 'react'

/** A labelled part of the page. `name` is its accessible name and, unless `hideName`, its heading. */
export function Region(props: {
  name: string
  className?: string
  extra?: ReactNode
  hideName?: boolean
  children: ReactNode
}) {
  return (
    <section className={`region ${props.className ?? ''}`} aria-label={props.name}>
      {props.hideName === true ? null : (
        <header className="region-head">
          <h2>{props.name}</h2>
          <div className="region-extra">{props.extra}</div>
        </header>
      )}
      {props.children}
    </section>
  )
}
