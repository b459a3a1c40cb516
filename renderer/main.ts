/** First in the page: the core is asked while everything else is fetched and made ready, so that the first picture is of the seat. */
import { createBridge } from './bridge/create-bridge.ts'

const bridge = createBridge()
void import('./app/seat.tsx').then(({ showSeat }) => showSeat(bridge))
