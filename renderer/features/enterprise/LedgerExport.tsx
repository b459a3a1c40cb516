/** The ledger as a file, for whoever may export in bulk. The core writes it and puts it into the audit. */
import { App, Button } from 'antd'
import { useState } from 'react'
import type { LedgerFilter } from '../../../shared/domain/enterprise.ts'
import { useBridge } from '../../bridge/bridge-context.tsx'
import { sentenceOf } from '../../ui/text.ts'
import { useEnterpriseText } from './enterprise-text.ts'

const formats = ['xlsx', 'csv'] as const
const savedMs = 60_000

export function LedgerExport({ filter }: { filter: LedgerFilter }) {
  const say = useEnterpriseText()
  const { seat } = useBridge()
  const { message } = App.useApp()
  const [busy, setBusy] = useState(false)
  const save = async (format: (typeof formats)[number]) => {
    setBusy(true)
    try {
      const { fileName, content, rows, more } = await seat.enterprise.export({ filter, format })
      const bytes = Uint8Array.from(atob(content), character => character.charCodeAt(0))
      const link = document.createElement('a')
      link.href = URL.createObjectURL(new Blob([bytes]))
      link.download = fileName
      link.click()
      // The browser reads it after the click.
      setTimeout(() => URL.revokeObjectURL(link.href), savedMs)
      void message.success(say(more ? 'exportedPart' : 'exported', { rows, file: fileName }))
    } catch (error) {
      void message.error(sentenceOf(error))
    }
    setBusy(false)
  }
  return (
    <span className="case-keys">
      {formats.map(format => (
        <Button key={format} size="small" disabled={busy} onClick={() => void save(format)}>
          {say('export', { format: format.toUpperCase() })}
        </Button>
      ))}
    </span>
  )
}
