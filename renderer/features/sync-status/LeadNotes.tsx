/** For leads: runs of lookups at this seat, and how many forms others have open here. Whose they are, and what is in them, stays theirs. */
import { useQuery } from '@tanstack/react-query'
import { Alert } from 'antd'
import { queryKeys, useBridge } from '../../bridge/bridge-context.tsx'
import { shortTime } from '../../ui/time.ts'
import { useSyncText } from './sync-text.ts'

export function LeadNotes({ now }: { now: number }) {
  const say = useSyncText()
  const { seat } = useBridge()
  const { data: alarms = [] } = useQuery({
    queryKey: queryKeys.lookupAlarms,
    queryFn: () => seat.callers.alarms({}),
  })
  const { data: others } = useQuery({
    queryKey: queryKeys.othersDrafts,
    queryFn: () => seat.drafts.others({}),
  })
  return (
    <>
      {alarms.length === 0 ? null : (
        <Alert
          type="warning"
          showIcon
          title={say('lookupAlarm')}
          description={
            <ul>
              {alarms.map(({ operatorId, operatorName, at }) => (
                <li key={`${operatorId} ${at}`}>
                  {operatorName} {shortTime(at, now)}
                </li>
              ))}
            </ul>
          }
        />
      )}
      {others === undefined || others.count === 0 ? null : (
        <p className="quiet">{say('othersDrafts', { count: others.count })}</p>
      )}
    </>
  )
}
