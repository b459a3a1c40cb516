/** 附件 of a form that was opened from an internet channel, before it is filed: they become the case's by themselves. */
import { useQuery } from '@tanstack/react-query'
import { queryKeys, useBridge } from '../../bridge/bridge-context.tsx'
import { FileContent } from '../../ui/FileContent.tsx'
import { sizeWords } from '../../ui/file-content.ts'
import { useIntakeText } from './intake-text.ts'

export function IntakeFiles({ draftId }: { draftId: string }) {
  const say = useIntakeText()
  const { seat } = useBridge()
  const { data = [] } = useQuery({
    queryKey: [...queryKeys.attachments, 'draft', draftId],
    queryFn: () => seat.intake.files({ draftId }),
  })
  if (data.length === 0) return null
  return (
    <section className="intake-files" aria-label={say('files')}>
      <h3>
        {say('files')} <span className="quiet">{say('filesHint')}</span>
      </h3>
      <ul>
        {data.map(file => {
          const { attachmentId, name, bytes, addedBy } = file
          return (
            <li key={attachmentId}>
              <span className="file-name">{name}</span>
              <span className="quiet">{sizeWords(bytes)}</span>
              {addedBy === undefined ? null : <span className="quiet">{addedBy.name}</span>}
              <FileContent file={file} pieces={() => seat.intake.readFile({ draftId, attachmentId })} />
            </li>
          )
        })}
      </ul>
    </section>
  )
}
