/** 待审批: the clues (移交线索) that wait for whoever may approve them, at a press. */
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { type CaseFilter, noCaseFilter } from '../../../shared/contract/seat.ts'
import { may } from '../../../shared/domain/permission.ts'
import { queryKeys, useBridge, useSeatStatus } from '../../bridge/bridge-context.tsx'
import { defineText } from '../../ui/text.ts'

const useText = defineText('approval-filter', {
  waiting: ['待审批（{{count}}）', 'To approve ({{count}})'],
})

const awaiting: CaseFilter = { ...noCaseFilter, status: ['awaiting-approval'] }
/** More than these are told as that many and more. */
const mostCounted = 50

export function ApprovalFilter(props: { filter: CaseFilter; onFilter(filter: CaseFilter): void }) {
  const say = useText()
  const bridge = useBridge()
  const role = useSeatStatus()?.operator?.role
  const mayApprove = role !== undefined && may(role, 'case.approve')
  const { data } = useQuery({
    queryKey: [...queryKeys.cases, 'awaiting-approval'],
    queryFn: () => bridge.seat.cases.list({ filter: awaiting, limit: mostCounted, cursor: null }),
    enabled: mayApprove,
  })
  if (!mayApprove || data === undefined) return null
  const on = JSON.stringify(props.filter) === JSON.stringify(awaiting)
  const count = `${data.cases.length}${data.nextCursor === null ? '' : '+'}`
  return (
    <Button
      size="small"
      aria-pressed={on}
      type={on ? 'primary' : 'default'}
      onClick={() => props.onFilter(on ? noCaseFilter : awaiting)}
    >
      {say('waiting', { count })}
    </Button>
  )
}
