/** Who is signed in, at the top: locks the seat, hands it to somebody else, and opens what belongs to the account. */
import { App, Button, Dropdown, Modal } from 'antd'
import { useState } from 'react'
import { may } from '../../../shared/domain/permission.ts'
import { useSeatStatus } from '../../bridge/bridge-context.tsx'
import { AddPerson } from './AddPerson.tsx'
import { ChangePassword } from './ChangePassword.tsx'
import { FactorSetup } from './FactorSetup.tsx'
import { useIdentityText } from './identity-words.ts'
import { useSeatLock } from './lock-context.ts'

type Dialog = 'password' | 'person' | 'factor'
const dialogs: readonly Dialog[] = ['password', 'person', 'factor']

export function OperatorMenu() {
  const say = useIdentityText()
  const { message } = App.useApp()
  const { lock, leave, showRecoveryCodes } = useSeatLock()
  const status = useSeatStatus()
  const operator = status?.operator
  const [dialog, setDialog] = useState<Dialog | null>(null)
  if (operator == null) return null
  const hasPassword = status?.entry !== 'choose'
  // Only a protected seat without a centre has people of its own; who they are is decided in the core.
  const addsPeople = status?.ownAccounts === true && may(operator.role, 'operator.manage')
  const items = [
    ...(hasPassword ? [{ key: 'password', label: say('change') }] : []),
    ...(hasPassword && status?.ownAccounts === false ? [{ key: 'factor', label: say('factor') }] : []),
    ...(addsPeople ? [{ key: 'person', label: say('addPerson') }] : []),
  ]
  const close = () => setDialog(null)
  return (
    <div className="operator">
      <span className="operator-name">{operator.name}</span>
      <span className="quiet">
        {operator.workNumber} · {operator.branch}
      </span>
      {items.length === 0 ? null : (
        <Dropdown
          trigger={['click']}
          menu={{ items, onClick: ({ key }) => setDialog(dialogs.find(each => each === key) ?? null) }}
        >
          <Button size="small" type="text" aria-haspopup="menu">
            {say('menu')}
          </Button>
        </Dropdown>
      )}
      <Button size="small" type="text" aria-keyshortcuts="Control+L" onClick={lock}>
        {say('lock')}
      </Button>
      <Button
        size="small"
        type="text"
        onClick={() =>
          void leave().then(problem => {
            if (problem !== null) void message.warning(problem)
          })
        }
      >
        {say('leave')}
      </Button>
      {dialog === 'password' ? <ChangePassword workNumber={operator.workNumber} onClose={close} /> : null}
      {dialog === 'factor' ? (
        <Modal open title={null} footer={null} onCancel={close} destroyOnHidden width={460}>
          <FactorSetup
            asksPassword
            onBack={close}
            onDone={codes => {
              close()
              showRecoveryCodes(codes)
            }}
          />
        </Modal>
      ) : null}
      {dialog === 'person' ? <AddPerson branch={operator.branch} onClose={close} /> : null}
    </div>
  )
}
