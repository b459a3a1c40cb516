/** Exporting what is unsent, importing it elsewhere, enrolling this seat: each a small form that says what came of it. */
import { Alert, Button, Input, type InputRef, Modal } from 'antd'
import { useRef, useState } from 'react'
import { sentenceOf } from '../../ui/text.ts'
import { useSyncText } from './sync-text.ts'

export type Dialog = 'export' | 'import' | 'enrol'

type Field = { name: string; label: string; secret?: boolean; hint?: string; max: number }

/** `onSend` answers with what to tell, or throws; `check` says what is wrong before anything is sent. */
function SmallForm(props: {
  title: string
  why: string
  fields: readonly Field[]
  send: string
  check?(values: Readonly<Record<string, string>>): string | null
  onSend(values: Readonly<Record<string, string>>): Promise<string>
  onClose(): void
}) {
  const say = useSyncText()
  const first = useRef<InputRef>(null)
  const [values, setValues] = useState<Readonly<Record<string, string>>>({})
  const [problem, setProblem] = useState<string | null>(null)
  const [done, setDone] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const complete = props.fields.every(({ name }) => (values[name] ?? '').trim() !== '')
  const send = async () => {
    if (busy || !complete) return
    const wrong = props.check?.(values) ?? null
    setProblem(wrong)
    if (wrong !== null) return
    setBusy(true)
    try {
      setDone(await props.onSend(values))
    } catch (error) {
      setProblem(sentenceOf(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal
      open
      title={props.title}
      onCancel={props.onClose}
      footer={null}
      maskClosable={false}
      afterOpenChange={open => open && first.current?.focus()}
    >
      <p className="quiet">{props.why}</p>
      {done === null ? (
        <form
          className="small-form"
          onSubmit={event => {
            event.preventDefault()
            void send()
          }}
        >
          {props.fields.map((field, index) => {
            const Box = field.secret === true ? Input.Password : Input
            return (
              <div key={field.name}>
                <label htmlFor={`sync-${field.name}`}>{field.label}</label>
                <Box
                  id={`sync-${field.name}`}
                  ref={index === 0 ? first : null}
                  value={values[field.name] ?? ''}
                  maxLength={field.max}
                  autoComplete="off"
                  aria-describedby={field.hint === undefined ? undefined : `sync-${field.name}-hint`}
                  onChange={event => setValues({ ...values, [field.name]: event.target.value })}
                />
                {field.hint === undefined ? null : (
                  <p id={`sync-${field.name}-hint`} className="quiet">
                    {field.hint}
                  </p>
                )}
              </div>
            )
          })}
          <p className="panel-problem" role="alert">
            {problem}
          </p>
          <div className="gate-keys">
            <Button type="primary" htmlType="submit" loading={busy} disabled={!complete}>
              {props.send}
            </Button>
            <Button onClick={props.onClose}>{say('cancel')}</Button>
          </div>
        </form>
      ) : (
        <>
          <Alert className="sync-done" type="success" showIcon role="status" title={done} />
          <div className="gate-keys small-form">
            <Button type="primary" autoFocus onClick={props.onClose}>
              {say('close')}
            </Button>
          </div>
        </>
      )}
    </Modal>
  )
}

export function SyncDialog(props: {
  dialog: Dialog
  onExport(passphrase: string): Promise<{ file: string }>
  onImport(file: string, passphrase: string): Promise<{ taken: number; known: number }>
  onEnrol(code: string): Promise<unknown>
  onClose(): void
}) {
  const say = useSyncText()
  const passphrase = { name: 'passphrase', label: say('passphrase'), secret: true, max: 1_024 }
  switch (props.dialog) {
    case 'export':
      return (
        <SmallForm
          title={say('export')}
          why={say('exportWhy')}
          fields={[
            { ...passphrase, hint: say('rule') },
            { name: 'again', label: say('again'), secret: true, max: 1_024 },
          ]}
          send={say('confirm')}
          check={({ passphrase: one, again }) => (one === again ? null : say('differ'))}
          onSend={async values => {
            const { file } = await props.onExport(values['passphrase'] ?? '')
            return say('exported', { file })
          }}
          onClose={props.onClose}
        />
      )
    case 'import':
      return (
        <SmallForm
          title={say('import')}
          why={say('importWhy')}
          fields={[{ name: 'file', label: say('file'), max: 1_024 }, passphrase]}
          send={say('confirm')}
          onSend={async values => {
            const counts = await props.onImport((values['file'] ?? '').trim(), values['passphrase'] ?? '')
            return say('imported', counts)
          }}
          onClose={props.onClose}
        />
      )
    case 'enrol':
      return (
        <SmallForm
          title={say('enrol')}
          why={say('enrolWhy')}
          fields={[{ name: 'code', label: say('code'), max: 200 }]}
          send={say('confirm')}
          onSend={async values => {
            await props.onEnrol((values['code'] ?? '').trim())
            return say('enrolled')
          }}
          onClose={props.onClose}
        />
      )
  }
}
