/** 附件: the files of a case, how far each has come, and adding more by button, paste or drop. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { type DragEvent, useEffect, useEffectEvent, useRef, useState } from 'react'
import type { CaseFile } from '../../../shared/domain/attachment.ts'
import { queryKeys, useBridge, useSyncStatus } from '../../bridge/bridge-context.tsx'
import { FileContent } from '../../ui/FileContent.tsx'
import { percentOf, sizeWords } from '../../ui/file-content.ts'
import { sentenceOf } from '../../ui/text.ts'
import { addFile, pastedName, type Source } from './case-files.ts'
import { useFilesText } from './files-text.ts'

/** What this page is bringing to the core. */
type Adding = { attachmentId: string; file: Source; received: number; problem: string | null }

export function CaseFiles({ caseId, active, mayAdd }: { caseId: string; active: boolean; mayAdd: boolean }) {
  const say = useFilesText()
  const { seat } = useBridge()
  const client = useQueryClient()
  const chooser = useRef<HTMLInputElement>(null)
  const [adding, setAdding] = useState<Adding[]>([])
  const [over, setOver] = useState(false)
  const { data, error } = useQuery({
    queryKey: [...queryKeys.attachments, caseId],
    queryFn: () => seat.attachments.list({ caseId }),
  })
  const files = data ?? []

  const change = (attachmentId: string, part: Partial<Adding>) =>
    setAdding(all => all.map(each => (each.attachmentId === attachmentId ? { ...each, ...part } : each)))
  const remove = (attachmentId: string) =>
    setAdding(all => all.filter(each => each.attachmentId !== attachmentId))

  const bring = async ({ attachmentId, file }: Adding) => {
    change(attachmentId, { problem: null })
    try {
      await addFile(seat.attachments, { caseId, attachmentId }, file, received =>
        change(attachmentId, { received }),
      )
      await client.invalidateQueries({ queryKey: [...queryKeys.attachments, caseId] })
      remove(attachmentId)
    } catch (cause) {
      change(attachmentId, { problem: sentenceOf(cause) })
    }
  }
  /** One after the other: the seat's disk is the same. */
  const add = async (given: readonly Source[]) => {
    const made = given.map(file => ({
      attachmentId: crypto.randomUUID(),
      file,
      received: 0,
      problem: null,
    }))
    setAdding(all => [...all, ...made])
    for (const one of made) await bring(one)
  }

  const pasted = useEffectEvent((event: ClipboardEvent) => {
    const pictures = [...(event.clipboardData?.files ?? [])]
    if (pictures.length === 0) return
    event.preventDefault()
    const now = new Date()
    void add(pictures.map(file => new File([file], pastedName(file, now), { type: file.type })))
  })
  const listening = active && mayAdd
  useEffect(() => {
    if (!listening) return
    const listener = (event: ClipboardEvent) => pasted(event)
    document.addEventListener('paste', listener)
    return () => document.removeEventListener('paste', listener)
  }, [listening])

  const dragged = (event: DragEvent) => {
    if (!mayAdd || !event.dataTransfer.types.includes('Files')) return
    event.preventDefault()
    setOver(true)
  }
  const dropped = (event: DragEvent) => {
    setOver(false)
    if (!mayAdd || event.dataTransfer.files.length === 0) return
    event.preventDefault()
    void add([...event.dataTransfer.files])
  }

  return (
    <section
      className={`case-files${over ? ' over' : ''}`}
      aria-label={say('region')}
      onDragOver={dragged}
      onDragLeave={() => setOver(false)}
      onDrop={dropped}
    >
      <h4>{say('region')}</h4>
      {error === null ? null : <p role="alert">{sentenceOf(error)}</p>}
      <ul>
        {files.map(file => (
          <FileRow key={file.attachmentId} caseId={caseId} file={file} />
        ))}
        {adding.map(one => (
          <li key={one.attachmentId}>
            <span className="file-name">{one.file.name}</span>
            <span className="quiet">{sizeWords(one.file.size)}</span>
            {one.problem === null ? (
              <span className="tag">
                {say('adding', { percent: percentOf(one.received, one.file.size) })}
              </span>
            ) : (
              <>
                <span className="panel-problem" role="alert">
                  {one.problem}
                </span>
                <Button size="small" onClick={() => void bring(one)}>
                  {say('retry')}
                </Button>
                <Button
                  size="small"
                  onClick={() => {
                    remove(one.attachmentId)
                    void seat.attachments.cancel({ attachmentId: one.attachmentId }).catch(() => {})
                  }}
                >
                  {say('giveUp')}
                </Button>
              </>
            )}
          </li>
        ))}
      </ul>
      {files.length + adding.length === 0 ? <p className="quiet">{say('none')}</p> : null}
      {mayAdd ? (
        <p>
          <input
            ref={chooser}
            type="file"
            multiple
            hidden
            onChange={event => {
              void add([...(event.target.files ?? [])])
              event.target.value = ''
            }}
          />
          <Button onClick={() => chooser.current?.click()}>{say('add')}</Button>{' '}
          <span className="quiet">{say('addHint')}</span>
        </p>
      ) : null}
    </section>
  )
}

function FileRow({ caseId, file }: { caseId: string; file: CaseFile }) {
  const say = useFilesText()
  const { seat } = useBridge()
  const hasCentre = (useSyncStatus()?.centre ?? 'none') !== 'none'
  const [problem, setProblem] = useState<string | null>(null)
  const { attachmentId, name, bytes, addedBy } = file
  const retry = () =>
    seat.attachments.retry({ caseId, attachmentId }).catch((error: unknown) => setProblem(sentenceOf(error)))

  const state = file.state === 'waiting' && !hasCentre ? 'local' : file.state
  return (
    <li>
      <span className="file-name">{name}</span>
      <span className="quiet">{sizeWords(bytes)}</span>
      <span className={`tag ${file.state === 'failed' ? 'warn' : ''}`}>
        {say(`state.${state}`, { percent: percentOf(file.sentBytes, bytes) })}
      </span>
      {addedBy === undefined ? null : <span className="quiet">{say('addedBy', { name: addedBy.name })}</span>}
      <FileContent file={file} pieces={() => seat.attachments.read({ caseId, attachmentId })} />
      {file.state === 'failed' ? (
        <Button size="small" aria-label={say('retryNamed', { name })} onClick={() => void retry()}>
          {say('retry')}
        </Button>
      ) : null}
      {file.problem === null ? null : <span className="panel-problem">{file.problem.sentence}</span>}
      <span className="panel-problem" role="alert">
        {problem}
      </span>
    </li>
  )
}
