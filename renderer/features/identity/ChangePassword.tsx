/** One's own password is changed with the present one. */
import { App, Modal } from 'antd'
import { useState } from 'react'
import { useBridge } from '../../bridge/bridge-context.tsx'
import { GateField } from './GateForm.tsx'
import { problemOf, useIdentityText } from './identity-words.ts'
import { isComplete, NewPassword, noPassword } from './NewPassword.tsx'

export function ChangePassword({ workNumber, onClose }: { workNumber: string; onClose(): void }) {
  const say = useIdentityText()
  const { seat } = useBridge()
  const { message } = App.useApp()
  const [old, setOld] = useState('')
  const [value, setValue] = useState(noPassword)
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const complete = old !== '' && isComplete(value, workNumber)
  const save = async () => {
    if (!complete || busy) return
    setBusy(true)
    setProblem(null)
    try {
      await seat.identity.changePassword({ oldPassword: old, newPassword: value.first })
      void message.success(say('changed'))
      onClose()
    } catch (error) {
      setProblem(problemOf(error, say))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal
      open
      title={say('change')}
      okText={say('save')}
      cancelText={say('cancel')}
      okButtonProps={{ disabled: !complete, loading: busy }}
      onOk={() => void save()}
      onCancel={onClose}
      destroyOnHidden
      width={440}
    >
      <form
        className="account-form"
        onSubmit={event => {
          event.preventDefault()
          void save()
        }}
      >
        <GateField label={say('oldPassword')} secret autoFocus value={old} onChange={setOld} />
        <NewPassword label={say('newPassword')} workNumber={workNumber} value={value} onChange={setValue} />
        <p className="panel-problem" role="alert">
          {problem}
        </p>
        <button type="submit" hidden />
      </form>
    </Modal>
  )
}
