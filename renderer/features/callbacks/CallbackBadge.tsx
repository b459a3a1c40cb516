/** How many can be called back now, beside the page's name; a word of it, also in a hidden window, when more have come due. */
import { App } from 'antd'
import { useEffect, useRef } from 'react'
import { useBridge } from '../../bridge/bridge-context.tsx'
import { defineText } from '../../ui/text.ts'
import { useCallbackCounts } from './callback-data.ts'

const useText = defineText('callback-badge', {
  title: ['回拨到期', 'Callbacks due'],
  due: ['有 {{n}} 个回拨已到期', '{{n}} callbacks are due'],
})

export function CallbackBadge() {
  const say = useText()
  const counts = useCallbackCounts()
  const { notification } = App.useApp()
  const { shell } = useBridge()
  const overdue = counts?.overdue ?? 0
  const told = useRef(0)
  useEffect(() => {
    if (overdue > told.current) {
      const words = say('due', { n: overdue })
      notification.warning({ key: 'callbacks-due', title: words, placement: 'bottomLeft' })
      shell.announceDue({ title: say('title'), body: words })
    }
    told.current = overdue
  }, [overdue, notification, shell, say])
  if (counts === undefined || counts.ready === 0) return null
  return (
    <span className={counts.overdue > 0 ? 'badge overdue' : 'badge'} aria-hidden="true">
      {counts.ready > 99 ? '99+' : counts.ready}
    </span>
  )
}
