/** The code (查询码) that the caller is told with the number. The centre makes it: offline it comes later. */
import type { CaseDetail } from '../../shared/domain/case.ts'
import { useSyncStatus } from '../bridge/bridge-context.tsx'
import { defineText } from './text.ts'

const useText = defineText('progress-code', {
  code: ['查询码', 'Code'],
  later: ['中心受理后显示', 'shown once the centre has the case'],
})

/** Nothing where there is none: without a centre, and for a confidential caller. */
export function ProgressCode({ one }: { one: CaseDetail | undefined }) {
  const say = useText()
  const hasCentre = (useSyncStatus()?.centre ?? 'none') !== 'none'
  if (one === undefined || one.confidential || (one.progressCode === null && !hasCentre)) return null
  const code = one.progressCode?.replace(/^(\d{4})(\d{4})$/, '$1 $2')
  return (
    <span className="progress-code">
      {say('code')} {code === undefined ? say('later') : <strong className="numeric">{code}</strong>}
    </span>
  )
}
