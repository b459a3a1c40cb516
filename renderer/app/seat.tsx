/** The page's composition root: all of it but the connection to the core, which is opened before this is fetched. */
import './no-code-from-text.ts'
import { QueryClient } from '@tanstack/react-query'
import { StrictMode } from 'react'
import type { Bridge } from '../bridge/bridge.ts'
import { queryKeys } from '../bridge/bridge-context.tsx'
import { createSipPhone } from '../phone/sip-phone.ts'
import { App } from './App.tsx'
import { createRoot } from './react-root.ts'
import { createSeatDesk, createSeatStates, explainLine, wireSeat } from './wiring.ts'
import 'antd/dist/antd.css'
import './styles.css'

export function showSeat(bridge: Bridge): void {
  const phone = createSipPhone({ explain: explainLine(bridge) })
  const desk = createSeatDesk(bridge)
  const seatStates = createSeatStates(bridge, phone)
  // Answers come from this machine: they are asked for anew when the core says so, not by time, and no network is "offline".
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        networkMode: 'always',
        retry: 2,
        retryDelay: 300,
        refetchOnWindowFocus: false,
      },
    },
  })
  const greeting = bridge.greeting()
  if (greeting !== null) queries.setQueryData(queryKeys.status, greeting)
  wireSeat({ bridge, phone, desk, seatStates, queries })

  // A file that is dropped beside its place would open instead of the page, and the call would be gone.
  for (const name of ['dragover', 'drop'] as const)
    window.addEventListener(name, event => {
      if (event.dataTransfer?.types.includes('Files')) event.preventDefault()
    })

  const nonce = document.querySelector('meta[name="csp-nonce"]')?.getAttribute('content') ?? ''
  const root = document.getElementById('root')
  if (root === null) throw new Error('no root element')
  createRoot(root).render(
    <StrictMode>
      <App
        bridge={bridge}
        phone={phone}
        desk={desk}
        seatStates={seatStates}
        queries={queries}
        nonce={nonce}
      />
    </StrictMode>,
  )
}
