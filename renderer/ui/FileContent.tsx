/** What may be done with a file that somebody added: a picture is looked at, anything else only saved under its name. */
import { Button, Modal } from 'antd'
import { useEffect, useState } from 'react'
import { isPicture } from '../../shared/domain/attachment.ts'
import type { Attachment } from '../../shared/domain/command.ts'
import { contentOf, type FilePieces, percentOf } from './file-content.ts'
import { defineText, sentenceOf } from './text.ts'

/** An object URL is revoked only when a download has surely begun. */
const savedMs = 60_000

const useText = defineText('file-content', {
  reading: ['读取中 {{percent}}%', 'Reading {{percent}}%'],
  show: ['查看', 'Show'],
  showNamed: ['查看 {{name}}', 'Show {{name}}'],
  save: ['另存为', 'Save as'],
  saveNamed: ['另存为 {{name}}', 'Save {{name}} as'],
  close: ['关闭', 'Close'],
  notAPicture: ['这个文件不能作为图片显示，可以另存', 'This cannot be shown as a picture; it can be saved'],
})

export function FileContent({ file, pieces }: { file: Attachment; pieces: FilePieces }) {
  const say = useText()
  const { name, bytes, mediaType } = file
  const [received, setReceived] = useState<number | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [shown, setShown] = useState<string | null>(null)
  useEffect(
    () => () => {
      if (shown !== null) URL.revokeObjectURL(shown)
    },
    [shown],
  )

  const take = async (type: string, then: (url: string) => void) => {
    setProblem(null)
    setReceived(0)
    try {
      const content = await contentOf(pieces, bytes, type, setReceived)
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
    link.download = name
    link.click()
    setTimeout(() => URL.revokeObjectURL(url), savedMs)
  }
  return (
    <>
      {isPicture(mediaType) ? (
        <Button
          size="small"
          disabled={received !== null}
          aria-label={say('showNamed', { name })}
          onClick={() => void take(mediaType, setShown)}
        >
          {say('show')}
        </Button>
      ) : null}
      <Button
        size="small"
        disabled={received !== null}
        aria-label={say('saveNamed', { name })}
        onClick={() => void take('application/octet-stream', save)}
      >
        {say('save')}
      </Button>
      {received === null ? null : (
        <span className="quiet">{say('reading', { percent: percentOf(received, bytes) })}</span>
      )}
      <span className="panel-problem" role="alert">
        {problem}
      </span>
      {shown === null ? null : (
        <Modal
          open
          title={name}
          width="80vw"
          footer={null}
          onCancel={() => setShown(null)}
          closable={{ 'aria-label': say('close') }}
        >
          <img
            className="file-picture"
            src={shown}
            alt={name}
            onError={() => {
              setShown(null)
              setProblem(say('notAPicture'))
            }}
          />
        </Modal>
      )}
    </>
  )
}
