import { join } from 'node:path'
import { createAuthority } from '../support/certificates.ts'
import { startLine } from '../support/line.ts'
import { socketErrors, test } from './own-exchange.ts'
import { expect } from './seat-fixture.ts'

test('a line whose certificate is expired, for another address, or of nobody that is trusted is refused in plain words', async ({
  seat,
  own,
}) => {
  const city = createAuthority(join(seat.scratch, 'city'))
  seat.expected.push(socketErrors)
  const refused = [
    { tls: city.sign({ days: -1 }), file: city.file, sentence: '话务台的安全证书已过期' },
    { tls: city.sign({ name: 'DNS:elsewhere.example' }), file: city.file, sentence: '属于另一个地址' },
    { tls: city.sign(), file: '', sentence: '话务台的安全证书不受信任' },
  ]
  for (const [index, { tls, file, sentence }] of refused.entries()) {
    const secure = await startLine(own.exchange.training.sipUrl, { tls })
    try {
      await own.start(seat, { exchangeUrl: secure.url, authorityFile: file })
      await seat.chooseOperator()
      await expect(seat.region('电话')).toContainText(sentence)
      if (index === 0) await seat.picture('certificate-expired')
      expect(secure.messages).toEqual([])
      await seat.stop()
    } finally {
      await secure.close()
    }
  }
})
