/** A seat whose training exchange runs in the test itself, behind a line that the test can cut. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Exchange, startExchange } from '../../exchange/start-exchange.ts'
import { type SipLine, startLine } from '../support/line.ts'
import { type Seat, test as seatTest } from './seat-fixture.ts'

export type OwnExchange = {
  exchange: Exchange
  line: SipLine
  /** Starts the seat on the line, with further settings in its policy. */
  start(seat: Seat, policy?: Record<string, unknown>): Promise<void>
}

export const test = seatTest.extend<{ own: OwnExchange }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the fixture's dependencies from this pattern
  own: async ({}, use, info) => {
    const exchange = await startExchange()
    const line = await startLine(exchange.training.sipUrl)
    const { sipDomain, extension, secret, controlUrl } = exchange.training
    try {
      await use({
        exchange,
        line,
        start: async (seat, policy = {}) => {
          const file = join(seat.scratch, 'policy.json')
          const account = { exchangeUrl: line.url, sipDomain, extension, extensionSecret: secret }
          writeFileSync(file, JSON.stringify({ ...account, areaCode: '0999', ...policy }))
          seat.args = ['--no-training', '--policy', file]
          seat.trainingControl = controlUrl
          await seat.start()
        },
      })
    } finally {
      if (info.status !== info.expectedStatus) {
        const ladder = line.messages.map(({ direction, text }) => `${direction} ${text}`).join('\n')
        writeFileSync(info.outputPath('signalling.txt'), ladder)
      }
      await line.close()
      await exchange.close()
    }
  },
})

/** What a browser prints when a socket that a test has cut does not open. */
export const socketErrors = /WebSocket connection|ERR_CONNECTION|ERR_CERT/
