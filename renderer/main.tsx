/** The page's composition root. */
import { QueryClient } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/App.tsx'
import { createSeatDesk, createSeatStates, explainLine, wireSeat } from './app/wiring.ts'
import './app/styles.css'
import { createBridge } from './bridge/create-bridge.ts'
import { createSipPhone } from './phone/sip-phone.ts'

const bridge = createBridge()
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
    <App bridge={bridge} phone={phone} desk={desk} seatStates={seatStates} queries={queries} nonce={nonce} />
  </StrictMode>,
)
