/** How many can be called back now, beside the page's name; a word of it when more have come due. */
import { App } from 'antd'
import { useEffect, useRef } from 'react'
import { defineText } from '../../ui/text.ts'
import { useCallbackCounts } from './callback-data.ts'

const useText = defineText('callback-badge', {
  due: ['有 {{n}} 个回拨已到期', '{{n}} callbacks are due'],
})

export function CallbackBadge() {
  const say = useText()
  const counts = useCallbackCounts()
  const { notification } = App.useApp()
  const overdue = counts?.overdue ?? 0
  const told = useRef(0)
  useEffect(() => {
    if (overdue > told.current)
      notification.warning({
        key: 'callbacks-due',
        title: say('due', { n: overdue }),
        placement: 'bottomLeft',
      })
    told.current = overdue
  }, [overdue, notification, say])
  if (counts === undefined || counts.ready === 0) return null
  return (
    <span className={counts.overdue > 0 ? 'badge overdue' : 'badge'} aria-hidden="true">
      {counts.ready > 99 ? '99+' : counts.ready}
    </span>
  )
}
