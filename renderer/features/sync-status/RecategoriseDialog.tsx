/** 改分类: an unsent dispatch whose entry the catalogue no longer has goes on under another one. */
import { Button, Modal } from 'antd'
import { useState } from 'react'
import { CategoryPicker } from '../../ui/CategoryPicker.tsx'
import { useSyncText } from './sync-text.ts'

const pickerId = 'recategorise'

export function RecategoriseDialog(props: {
  busy: boolean
  problem: string | null
  onChoose(categoryCode: string): void
  onClose(): void
}) {
  const say = useSyncText()
  const [code, setCode] = useState('')
  return (
    <Modal
      open
      title={say('recategorise')}
      onCancel={props.onClose}
      footer={null}
      maskClosable={false}
      afterOpenChange={open => open && document.getElementById(pickerId)?.focus()}
    >
      <p className="quiet">{say('recategoriseWhy')}</p>
      <div className="small-form">
        <label htmlFor={pickerId}>{say('newCategory')}</label>
        <CategoryPicker id={pickerId} value={code} onChange={setCode} />
        <p className="panel-problem" role="alert">
          {props.problem}
        </p>
        <div className="gate-keys">
          <Button
            type="primary"
            loading={props.busy}
            disabled={code === ''}
            onClick={() => props.onChoose(code)}
          >
            {say('confirm')}
          </Button>
          <Button onClick={props.onClose}>{say('cancel')}</Button>
        </div>
      </div>
    </Modal>
  )
}
