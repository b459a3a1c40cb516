/** What this operator may do with the case as it stands. Proposed here, decided by the centre. */
import { Button } from 'antd'
import { useState } from 'react'
import type { CaseDetail } from '../../../shared/domain/case.ts'
import { type CaseMove, possibleMoves } from '../../../shared/domain/case-moves.ts'
import { isEnterprise } from '../../../shared/domain/enterprise.ts'
import { useSeatStatus } from '../../bridge/bridge-context.tsx'
import { MoveDialog, type MoveKey } from './MoveDialog.tsx'
import { useProcessText } from './process-text.ts'

/** One key for a question and its decision: 退单 asks where nothing is asked, and decides where something is. */
const keys: readonly { key: MoveKey; moves: readonly CaseMove[] }[] = [
  { key: 'approve', moves: ['approve'] },
  { key: 'reject', moves: ['reject'] },
  { key: 'dispatch', moves: ['dispatch'] },
  { key: 'sign', moves: ['sign'] },
  { key: 'reply', moves: ['reply'] },
  { key: 'urge', moves: ['urge'] },
  { key: 'supervise', moves: ['supervise'] },
  { key: 'return', moves: ['approveReturn', 'return'] },
  { key: 'extend', moves: ['approveExtension', 'extend'] },
  { key: 'redispatch', moves: ['redispatch'] },
  { key: 'rehandle', moves: ['rehandle'] },
  { key: 'close', moves: ['close'] },
  { key: 'followUp', moves: ['followUp'] },
  { key: 'reopen', moves: ['reopen'] },
  { key: 'handTo', moves: ['handTo'] },
]

export function CaseMoves({ one, active }: { one: CaseDetail; active: boolean }) {
  const say = useProcessText()
  const role = useSeatStatus()?.operator?.role
  const [chosen, setChosen] = useState<{ name: MoveKey; move: CaseMove } | null>(null)
  const possible =
    role === undefined ? [] : possibleMoves({ ...one, enterprise: isEnterprise(one) }, { role })
  const shown = keys.flatMap(({ key, moves }) => {
    const move = moves.find(each => possible.includes(each))
    return move === undefined ? [] : [{ name: key, move }]
  })
  return (
    <div className="case-keys" role="group" aria-label={say('keys')}>
      {shown.map(each => (
        <Button key={each.name} onClick={() => setChosen(each)}>
          {say(`key.${each.name}`)}
        </Button>
      ))}
      {chosen === null ? null : (
        <MoveDialog {...chosen} one={one} active={active} onClose={() => setChosen(null)} />
      )}
    </div>
  )
}
