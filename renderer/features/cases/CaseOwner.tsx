/** 跟办坐席 of an enterprise's case: who follows it, and to whom a supervisor hands it. */
import { useQuery } from '@tanstack/react-query'
import { Select } from 'antd'
import type { CaseDetail } from '../../../shared/domain/case.ts'
import type { CaseOwner } from '../../../shared/domain/case-loop.ts'
import { isEnterprise, ownerIdOf } from '../../../shared/domain/enterprise.ts'
import { mayFollow } from '../../../shared/domain/permission.ts'
import { useBridge, useSeatStatus } from '../../bridge/bridge-context.tsx'
import { useProcessText } from './process-text.ts'

const usePeople = () => {
  const { seat } = useBridge()
  return useQuery({ queryKey: ['operators'], queryFn: () => seat.identity.list({}) }).data ?? []
}

const useOwner = (one: CaseDetail): CaseOwner => {
  const people = usePeople()
  const operatorId = ownerIdOf(one)
  const name = one.loop?.owner?.name ?? people.find(each => each.operatorId === operatorId)?.name
  return { operatorId, name: name ?? one.history.find(({ kind }) => kind === 'created')?.operatorName ?? '' }
}

export function Follows({ one }: { one: CaseDetail }) {
  return isEnterprise(one) ? <Owner one={one} /> : null
}

function Owner({ one }: { one: CaseDetail }) {
  const say = useProcessText()
  return (
    <dl className="detail-facts">
      <div>
        <dt>{say('owner')}</dt>
        <dd>{useOwner(one).name}</dd>
      </div>
    </dl>
  )
}

/** Said to whoever is about to call in the owner's place; they may all the same. */
export function OwnerFirst({ one }: { one: CaseDetail }) {
  const say = useProcessText()
  const owner = useOwner(one)
  const own = useSeatStatus()?.operator?.operatorId === owner.operatorId
  if (!isEnterprise(one) || own) return null
  return <p className="quiet">{say('ownerFirst', { name: owner.name })}</p>
}

export function OwnerField(props: {
  one: CaseDetail
  owner: CaseOwner | null
  onOwner(owner: CaseOwner): void
}) {
  const say = useProcessText()
  const people = usePeople()
  const now = ownerIdOf(props.one)
  return (
    <div className="field">
      <label className="field-label" htmlFor="move-owner">
        {say('owner')}
        <span className="required" aria-hidden="true">
          *
        </span>
      </label>
      <Select
        id="move-owner"
        className="wide"
        aria-label={say('owner')}
        showSearch={{ optionFilterProp: 'label' }}
        placeholder={say('ownerSearch')}
        value={props.owner?.operatorId ?? null}
        options={people
          .filter(each => each.operatorId !== now && mayFollow(each, props.one))
          .map(({ operatorId, name, workNumber }) => ({ value: operatorId, label: `${name} ${workNumber}` }))}
        onChange={operatorId => {
          const chosen = people.find(each => each.operatorId === operatorId)
          if (chosen !== undefined) props.onOwner({ operatorId: chosen.operatorId, name: chosen.name })
        }}
      />
    </div>
  )
}
