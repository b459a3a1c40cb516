/** 附件: the files of a case, how far each has come, and adding more by button, paste or drop. */
import { useQuery } from '@tanstack/react-query'
import { Button, Modal } from 'antd'
import { type DragEvent, useEffect, useEffectEvent, useRef, useState } from 'react'
import { type CaseFile, isPicture } from '../../../shared/domain/attachment.ts'
import { queryKeys, useBridge, useSyncStatus } from '../../bridge/bridge-context.tsx'
import { sentenceOf } from '../../ui/text.ts'
import { addFile, contentOf, pastedName, percentOf, type Source, sizeWords } from './case-files.ts'
import { useFilesText } from './files-text.ts'

/** What this page is bringing to the core. */
type Adding = { attachmentId: string; file: Source; received: number; problem: string | null }

/** An object URL is revoked only when a download has surely begun. */
const savedMs = 60_000

export function CaseFiles({ caseId, active, mayAdd }: { caseId: string; active: boolean; mayAdd: boolean }) {
  const say = useFilesText()
  const { seat } = useBridge()
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
  const [received, setReceived] = useState<number | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [shown, setShown] = useState<string | null>(null)
  const picture = isPicture(file.mediaType)
  useEffect(
    () => () => {
      if (shown !== null) URL.revokeObjectURL(shown)
    },
    [shown],
  )

  const take = async (mediaType: string, then: (url: string) => void) => {
    setProblem(null)
    setReceived(0)
    try {
      const content = await contentOf(seat.attachments, caseId, file, mediaType, setReceived)
      then(URL.createObjectURL(content))
    } catch (error) {
      setProblem(sentenceOf(error))
    } finally {
      setReceived(null)
    }
  }
  const save = (url: string) => {
    const link = document.createElement('a')
    link.href = url
    link.download = file.name
    link.click()
    setTimeout(() => URL.revokeObjectURL(url), savedMs)
  }
  const retry = () =>
    seat.attachments
      .retry({ caseId, attachmentId: file.attachmentId })
      .catch((error: unknown) => setProblem(sentenceOf(error)))

  const state = file.state === 'waiting' && !hasCentre ? 'local' : file.state
  return (
    <li>
      <span className="file-name">{file.name}</span>
      <span className="quiet">{sizeWords(file.bytes)}</span>
      <span className={`tag ${file.state === 'failed' ? 'warn' : ''}`}>
        {say(`state.${state}`, { percent: percentOf(file.sentBytes, file.bytes) })}
      </span>
      {picture ? (
        <Button
          size="small"
          disabled={received !== null}
          aria-label={say('showNamed', { name: file.name })}
          onClick={() => void take(file.mediaType, setShown)}
        >
          {say('show')}
        </Button>
      ) : null}
      <Button
        size="small"
        disabled={received !== null}
        aria-label={say('saveNamed', { name: file.name })}
        onClick={() => void take('application/octet-stream', save)}
      >
        {say('save')}
      </Button>
      {file.state === 'failed' ? (
        <Button size="small" aria-label={say('retryNamed', { name: file.name })} onClick={() => void retry()}>
          {say('retry')}
        </Button>
      ) : null}
      {received === null ? null : (
        <span className="quiet">{say('reading', { percent: percentOf(received, file.bytes) })}</span>
      )}
      {file.problem === null ? null : <span className="panel-problem">{file.problem.sentence}</span>}
      <span className="panel-problem" role="alert">
        {problem}
      </span>
      {shown === null ? null : (
        <Modal
          open
          title={file.name}
          width="80vw"
          footer={null}
          onCancel={() => setShown(null)}
          closable={{ 'aria-label': say('close') }}
        >
          <img
            className="file-picture"
            src={shown}
            alt={file.name}
            onError={() => {
              setShown(null)
              setProblem(say('notAPicture'))
            }}
          />
        </Modal>
      )}
    </li>
  )
}
