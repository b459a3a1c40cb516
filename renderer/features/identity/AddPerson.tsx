/** At a seat without a centre its administrator adds people; each replaces the first password when signing in. */
import { App, Modal, Radio } from 'antd'
import { useState } from 'react'
import { operator as operatorSchema } from '../../../shared/domain/operator.ts'
import { useBridge } from '../../bridge/bridge-context.tsx'
import { GateField } from './GateForm.tsx'
import { problemOf, useIdentityText } from './identity-words.ts'
import { isComplete, NewPassword, noPassword } from './NewPassword.tsx'

const roles = ['agent', 'lead', 'contractor', 'admin'] as const

export function AddPerson({ branch, onClose }: { branch: string; onClose(): void }) {
  const say = useIdentityText()
  const { seat } = useBridge()
  const { message } = App.useApp()
  const [fields, setFields] = useState({ workNumber: '', name: '', branch })
  const [role, setRole] = useState<(typeof roles)[number]>('agent')
  const [value, setValue] = useState(noPassword)
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const complete = isComplete(value, fields.workNumber)
  const save = async () => {
    const parsed = operatorSchema.omit({ operatorId: true }).safeParse({ ...fields, role })
    if (!parsed.success) return setProblem(say('check'))
    if (!complete || busy) return
    setBusy(true)
    setProblem(null)
    try {
      await seat.identity.create({ ...parsed.data, password: value.first })
      void message.success(say('added', { name: parsed.data.name }))
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
      title={say('addPerson')}
      okText={say('add')}
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
        {(['workNumber', 'name', 'branch'] as const).map((name, index) => (
          <GateField
            key={name}
            label={say(name)}
            autoFocus={index === 0}
            maxLength={name === 'workNumber' ? 20 : 60}
            value={fields[name]}
            onChange={text => setFields({ ...fields, [name]: text })}
          />
        ))}
        <Radio.Group
          aria-label={say('role')}
          value={role}
          onChange={event => setRole(event.target.value as (typeof roles)[number])}
          options={roles.map(each => ({ value: each, label: say(`role.${each}`) }))}
        />
        <NewPassword
          label={say('firstPassword')}
          workNumber={fields.workNumber}
          value={value}
          onChange={setValue}
        />
        <p className="panel-problem" role="alert">
          {problem}
        </p>
        <button type="submit" hidden />
      </form>
    </Modal>
  )
}
