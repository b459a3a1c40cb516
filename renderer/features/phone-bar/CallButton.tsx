/** A key of a call. Plain, since a call that rings or is put on hold is to be seen at once: a library's button takes longer to draw. */
import type { ComponentProps } from 'react'

type Props = ComponentProps<'button'> & {
  tone?: 'answer' | 'primary' | 'danger' | 'end' | 'plain' | undefined
}

export function CallButton({ tone, ...rest }: Props) {
  return (
    <button type="button" className={tone === undefined ? 'call-button' : `call-button ${tone}`} {...rest} />
  )
}
