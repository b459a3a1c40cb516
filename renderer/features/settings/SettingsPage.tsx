/** 设置: this seat's own settings. What the administrator's policy file fixes is shown and cannot be changed here. */
import { Alert, Button, Input, Select, Slider } from 'antd'
import { type ReactNode, useState } from 'react'
import type { SettingsView } from '../../../shared/contract/seat.ts'
import { may } from '../../../shared/domain/permission.ts'
import { isAdministrators, type SeatSettings } from '../../../shared/domain/settings.ts'
import { useBridge, useCatalogue, useSeatStatus, useSettings } from '../../bridge/bridge-context.tsx'
import { usePhonePart } from '../../phone/phone-context.tsx'
import { Region } from '../../ui/Region.tsx'
import { defineText, sentenceOf } from '../../ui/text.ts'
import { CallSettings } from './CallSettings.tsx'
import { SoundSettings } from './SoundSettings.tsx'
import { changedSettings, settingFaults } from './settings-form.ts'

const useText = defineText('settings', {
  region: ['设置', 'Settings'],
  phone: ['电话', 'Phone'],
  place: ['业务', 'Work'],
  look: ['界面', 'Display'],
  headers: ['呼叫信息头域', 'Call information headers'],
  exchangeUrl: ['话务台地址', 'Exchange address'],
  backupExchangeUrl: ['备用话务台地址', 'Backup exchange'],
  sound: ['声音设备', 'Sound devices'],
  calls: ['通话', 'Calls'],
  sipDomain: ['SIP 域', 'SIP domain'],
  extension: ['分机号', 'Extension'],
  authUser: ['鉴权用户名', 'Authentication user'],
  authUserHint: ['留空则与分机号相同', 'Empty: the same as the extension'],
  secret: ['分机密码', 'Extension secret'],
  modelKey: ['本市大模型 {{model}} 的密钥', 'Key of the model {{model}}'],
  secretSet: ['已设置；留空表示不修改', 'Set; leave empty to keep it'],
  secretNone: ['未设置', 'Not set'],
  codecs: ['语音编码（按优先顺序）', 'Codecs, preferred first'],
  ringtoneVolume: ['铃声音量', 'Ringtone volume'],
  centre: ['中心平台', 'Centre'],
  centreUrl: ['中心平台地址', 'Centre address'],
  areaCode: ['本地区号', 'Area code'],
  divisionCode: ['默认行政区划', 'Default division'],
  language: ['界面语言', 'Language'],
  textSize: ['字号', 'Text size'],
  'textSize.normal': ['标准', 'Normal'],
  'textSize.large': ['大', 'Large'],
  'headerMap.originalCallId': ['原始呼叫标识', 'Original call id'],
  'headerMap.queue': ['队列', 'Queue'],
  'headerMap.skill': ['技能组', 'Skill'],
  'headerMap.dialect': ['方言', 'Dialect'],
  'headerMap.recordingId': ['录音编号', 'Recording id'],
  fixed: ['由管理员规定', 'Fixed by the administrator'],
  administrators: ['由管理员登录后设置', 'An administrator signs in to set it'],
  someAdministrators: [
    '连接、号码和通话规则由管理员设置；声音、界面等可以自己设置。',
    'An administrator sets connections, numbers and call rules; sound, display and the like are yours.',
  ],
  save: ['保存设置', 'Save settings'],
  saved: ['已保存', 'Saved'],
  wrong: ['填写不正确', 'Not correct'],
  reload: [
    '话务台地址已改变，需要重新载入页面。草稿都已保存。',
    'The exchange changed; the page must be loaded anew. Drafts are saved.',
  ],
  reloadNow: ['重新载入', 'Reload'],
  policyErrors: [
    '管理员的策略文件有错误，没有生效',
    "The administrator's policy file has errors and is not in force",
  ],
  reading: ['正在读取设置…', 'Reading the settings…'],
})

type TextName =
  | 'exchangeUrl'
  | 'backupExchangeUrl'
  | 'sipDomain'
  | 'extension'
  | 'authUser'
  | 'centreUrl'
  | 'areaCode'
const headerNames = ['originalCallId', 'queue', 'skill', 'dialect', 'recordingId'] as const

export function SettingsPage() {
  const say = useText()
  const { data, error } = useSettings()
  const [note, setNote] = useState<string | null>(null)
  return (
    <Region name={say('region')} className="page settings-page">
      {error === null ? null : <p role="alert">{sentenceOf(error)}</p>}
      {data === undefined ? (
        <p className="quiet">{say('reading')}</p>
      ) : (
        // What was saved comes back as a new form: that it was saved is said by the page.
        <Form key={JSON.stringify(data)} view={data} note={note} onNote={setNote} />
      )}
    </Region>
  )
}

function Form(props: { view: SettingsView; note: string | null; onNote(note: string | null): void }) {
  const { view, note, onNote: setNote } = props
  const say = useText()
  const bridge = useBridge()
  const catalogue = useCatalogue().data
  const inCall = usePhonePart(({ calls }) => calls.length > 0)
  const [settings, setSettings] = useState<SeatSettings>(view.settings)
  const [secret, setSecret] = useState('')
  const [modelKey, setModelKey] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const [reload, setReload] = useState(false)
  const faults = settingFaults(settings, () => say('wrong'))
  const role = useSeatStatus()?.operator?.role
  const isAdministrator = role !== undefined && may(role, 'seat.configure')
  const byPolicy = (name: string) => view.fixed.includes(name)
  const fixed = (name: string) => byPolicy(name) || (!isAdministrator && isAdministrators(name))
  const set = (change: Partial<SeatSettings>) => {
    setNote(null)
    setSettings({ ...settings, ...change })
  }

  const save = async () => {
    setProblem(null)
    const changed = changedSettings(view.settings, settings)
    try {
      await bridge.seat.settings.save({
        settings: changed,
        ...(secret === '' ? {} : { extensionSecret: secret }),
        ...(modelKey === '' ? {} : { languageModelKey: modelKey }),
      })
      setSecret('')
      setModelKey('')
      setNote(say('saved'))
      if ('exchangeUrl' in changed || 'backupExchangeUrl' in changed) {
        if (inCall) setReload(true)
        else location.reload()
      }
    } catch (failure) {
      setProblem(sentenceOf(failure))
    }
  }

  const row = (name: string, label: string, control: ReactNode) => (
    <div className="setting" key={name}>
      <label htmlFor={`setting-${name}`}>{label}</label>
      <div>
        {control}
        {fixed(name.split('.')[0] ?? '') ? (
          <span className="quiet">
            {say(byPolicy(name.split('.')[0] ?? '') ? 'fixed' : 'administrators')}
          </span>
        ) : null}
        {faults[name] === undefined ? null : (
          <span className="setting-fault" role="alert">
            {faults[name]}
          </span>
        )}
      </div>
    </div>
  )
  const text = (name: TextName, hint = '') =>
    row(
      name,
      say(name),
      <Input
        id={`setting-${name}`}
        value={settings[name]}
        placeholder={hint}
        disabled={fixed(name)}
        autoComplete="off"
        status={faults[name] === undefined ? '' : 'error'}
        onChange={event => set({ [name]: event.target.value.trim() })}
      />,
    )

  return (
    <form
      className="settings"
      autoComplete="off"
      onSubmit={event => {
        event.preventDefault()
        void save()
      }}
    >
      {view.policy.errors.length === 0 ? null : (
        <Alert
          type="error"
          title={say('policyErrors')}
          description={
            <>
              <p>{view.policy.file}</p>
              <ul>
                {view.policy.errors.map(fault => (
                  <li key={`${fault.path} ${fault.message}`}>
                    <code>{fault.path}</code> {fault.message}
                  </li>
                ))}
              </ul>
            </>
          }
        />
      )}
      {isAdministrator ? null : <p className="quiet">{say('someAdministrators')}</p>}
      {reload ? (
        <Alert
          type="warning"
          title={say('reload')}
          action={<Button onClick={() => location.reload()}>{say('reloadNow')}</Button>}
        />
      ) : null}
      <h3>{say('phone')}</h3>
      {text('exchangeUrl', 'wss://')}
      {text('backupExchangeUrl', 'wss://')}
      {text('sipDomain')}
      {text('extension')}
      {text('authUser', say('authUserHint'))}
      {row(
        'extensionSecret',
        say('secret'),
        <Input.Password
          id="setting-extensionSecret"
          value={secret}
          autoComplete="new-password"
          disabled={fixed('extensionSecret')}
          placeholder={say(view.hasExtensionSecret ? 'secretSet' : 'secretNone')}
          onChange={event => setSecret(event.target.value)}
        />,
      )}
      {view.languageModel === null
        ? null
        : row(
            'languageModelKey',
            say('modelKey', { model: view.languageModel.model }),
            <Input.Password
              id="setting-languageModelKey"
              value={modelKey}
              autoComplete="new-password"
              disabled={fixed('languageModelKey')}
              placeholder={say(view.languageModel.hasKey ? 'secretSet' : 'secretNone')}
              onChange={event => setModelKey(event.target.value)}
            />,
          )}
      {row(
        'codecs',
        say('codecs'),
        <Select
          id="setting-codecs"
          mode="multiple"
          value={settings.codecs}
          disabled={fixed('codecs')}
          options={(['opus', 'PCMA', 'PCMU', 'G722'] as const).map(value => ({ value, label: value }))}
          onChange={codecs => set({ codecs })}
        />,
      )}
      {row(
        'ringtoneVolume',
        say('ringtoneVolume'),
        <Slider
          ariaLabelForHandle={say('ringtoneVolume')}
          min={0}
          max={1}
          step={0.1}
          value={settings.ringtoneVolume}
          disabled={fixed('ringtoneVolume')}
          onChange={ringtoneVolume => set({ ringtoneVolume })}
        />,
      )}
      <h3>{say('centre')}</h3>
      {text('centreUrl', 'https://')}
      <h3>{say('sound')}</h3>
      <SoundSettings
        value={settings.devices}
        disabled={fixed('devices')}
        row={row}
        onChange={devices => set({ devices })}
      />
      <h3>{say('calls')}</h3>
      <CallSettings settings={settings} fixed={fixed} row={row} set={set} />
      <h3>{say('headers')}</h3>
      {headerNames.map(name =>
        row(
          `headerMap.${name}`,
          say(`headerMap.${name}`),
          <Input
            id={`setting-headerMap.${name}`}
            value={settings.headerMap[name]}
            disabled={fixed('headerMap')}
            status={faults[`headerMap.${name}`] === undefined ? '' : 'error'}
            onChange={event =>
              set({ headerMap: { ...settings.headerMap, [name]: event.target.value.trim() } })
            }
          />,
        ),
      )}
      <h3>{say('place')}</h3>
      {text('areaCode', '0999')}
      {row(
        'divisionCode',
        say('divisionCode'),
        <Select
          id="setting-divisionCode"
          allowClear
          showSearch={{ optionFilterProp: 'label' }}
          value={settings.divisionCode === '' ? null : settings.divisionCode}
          disabled={fixed('divisionCode')}
          options={(catalogue?.divisions ?? []).map(({ code, name }) => ({
            value: code,
            label: `${name} ${code}`,
          }))}
          onChange={(code?: string | null) => set({ divisionCode: code ?? '' })}
        />,
      )}
      <h3>{say('look')}</h3>
      {row(
        'language',
        say('language'),
        <Select
          id="setting-language"
          value={settings.language}
          disabled={fixed('language')}
          options={[
            { value: 'zh-CN' as const, label: '中文' },
            { value: 'en-US' as const, label: 'English' },
          ]}
          onChange={language => set({ language })}
        />,
      )}
      {row(
        'textSize',
        say('textSize'),
        <Select
          id="setting-textSize"
          value={settings.textSize}
          disabled={fixed('textSize')}
          options={(['normal', 'large'] as const).map(value => ({ value, label: say(`textSize.${value}`) }))}
          onChange={textSize => set({ textSize })}
        />,
      )}
      <div className="settings-foot">
        <Button type="primary" htmlType="submit" disabled={Object.keys(faults).length > 0}>
          {say('save')}
        </Button>
        <span role="status">{note}</span>
        <span className="panel-problem" role="alert">
          {problem}
        </span>
      </div>
    </form>
  )
}
