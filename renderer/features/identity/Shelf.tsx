/**
 * What is put away while the seat is locked. It goes on living, with everything that was typed, but it is out of the document: no
 * text of it is in the page or in what a screen reader is told.
 */
import { type ReactNode, useCallback, useState } from 'react'
import { createPortal } from 'react-dom'

/** Dialogs and lists of the seat open in here, beside the root (index.html); they go away with it. */
const overlays = document.getElementById('overlays')

type Place = { element: Element; top: number; left: number }

/** Where everything stood: an element forgets its scrolling and its caret when it leaves the document. */
function rememberPlaces(boxes: readonly Element[]): () => void {
  const places: Place[] = []
  for (const box of boxes)
    for (const element of [box, ...box.querySelectorAll('*')])
      if (element.scrollTop !== 0 || element.scrollLeft !== 0)
        places.push({ element, top: element.scrollTop, left: element.scrollLeft })
  const focused = document.activeElement
  const own = focused instanceof HTMLElement && boxes.some(box => box.contains(focused)) ? focused : null
  const caret = own === null ? null : caretOf(own)
  return () => {
    for (const { element, top, left } of places) {
      element.scrollTop = top
      element.scrollLeft = left
    }
    own?.focus({ preventScroll: true })
    if (caret !== null) caret()
  }
}

function caretOf(element: HTMLElement): (() => void) | null {
  if (!(element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement)) return null
  const { selectionStart, selectionEnd } = element
  // Not every kind of field has one.
  if (selectionStart === null) return null
  return () => element.setSelectionRange(selectionStart, selectionEnd)
}

export function Shelf({ away, children }: { away: boolean; children: ReactNode }) {
  const [box] = useState(() => {
    const element = document.createElement('div')
    element.className = 'shelf'
    return element
  })
  const [back] = useState<{ to(): void }>(() => ({ to: () => {} }))
  /** Filled before anything in it is mounted, so that what wants the keyboard gets it. */
  const place = useCallback(
    (here: HTMLDivElement) => {
      here.append(box)
      if (overlays !== null && !overlays.isConnected) document.body.append(overlays)
      back.to()
      return () => {
        const boxes = overlays === null ? [box] : [box, overlays]
        back.to = rememberPlaces(boxes)
        for (const each of boxes) each.remove()
      }
    },
    [box, back],
  )
  return (
    <>
      {away ? null : <div className="shelf" ref={place} />}
      {createPortal(children, box)}
    </>
  )
}
