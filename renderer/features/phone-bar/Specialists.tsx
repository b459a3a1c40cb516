/** Specialists at other seats (专席) beside the transfer box: who has the caller's skill and is ready comes first. */
import { useQuery } from '@tanstack/react-query'
import { rankSpecialists } from '../../../shared/domain/specialist.ts'
import { queryKeys, useBridge } from '../../bridge/bridge-context.tsx'
import { useSeatStateWords } from '../../ui/seat-state-words.ts'
import { defineText } from '../../ui/text.ts'

const useText = defineText('specialists', {
  region: ['专席', 'Specialist seats'],
})

/** More would push the keys of the call away. */
const mostShown = 4

export function Specialists(props: {
  /** The skill and the dialect that the call came with. */
  wanted: readonly string[]
  onChoose(number: string): void
}) {
  const say = useText()
  const stateName = useSeatStateWords()
  const { seat } = useBridge()
  const { data = [] } = useQuery({ queryKey: queryKeys.presence, queryFn: () => seat.presence.list({}) })
  if (data.length === 0) return null
  return (
    <>
      <p className="quiet">{say('region')}</p>
      <ul className="specialists" aria-label={say('region')}>
        {rankSpecialists(data, props.wanted)
          .slice(0, mostShown)
          .map(({ operatorId, operatorName, extension, skills, kind }) => (
            <li key={operatorId}>
              <button type="button" onClick={() => props.onChoose(extension)}>
                <b>{operatorName}</b> <span>{extension}</span>{' '}
                <span className="quiet">
                  {skills.join('、')} · {stateName(kind)}
                </span>
              </button>
            </li>
          ))}
      </ul>
    </>
  )
}
