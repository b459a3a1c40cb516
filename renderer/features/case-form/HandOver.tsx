/** 即时转至: the transfer directory with a digit for each emergency line, the caller's consent, and the record of the hand-over. */
import { AutoComplete, Button, Radio } from 'antd'
import { useEffect, useRef, useState } from 'react'
import {
  findLines,
  lookUp,
  mayTransfer,
  quickLines,
  type TransferDirectory,
  type TransferEntry,
} from '../../../shared/domain/transfer-directory.ts'
import type { Phone } from '../../phone/phone.ts'
import { usePhone, usePhonePart } from '../../phone/phone-context.tsx'
import { TextInput } from '../../ui/case-fields.tsx'
import { useFieldWords } from '../../ui/field-words.ts'
import { Key } from '../../ui/Key.tsx'
import { outsideComposition } from '../../ui/keys.ts'
import { sentenceOf } from '../../ui/text.ts'
import { fullTime } from '../../ui/time.ts'
import { useDesk } from './desk-context.tsx'
import { useDispositionText } from './disposition-text.ts'
import type { OpenDraft } from './draft-store.ts'
import { consultAndJoin, handedOver } from './hand-over.ts'

const ways = ['directory', 'blind', 'consulted', 'three-way'] as const
type Way = (typeof ways)[number]
type Told = Exclude<Way, 'directory'>

const waiting = { blind: 'transferring', consulted: 'consult', 'three-way': 'joining' } as const
const beginning: Record<Told, (phone: Phone, callId: string, number: string) => Promise<unknown>> = {
  blind: (phone, callId, number) => phone.transfer(callId, number),
  consulted: (phone, callId, number) => phone.consult(callId, number),
  'three-way': consultAndJoin,
}
/** Shown of what was found. */
const mostFound = 8

export function HandOver({ draft, directory }: { draft: OpenDraft; directory: TransferDirectory }) {
  return draft.fields.handOverAt === '' ? (
    <Lines draft={draft} directory={directory} />
  ) : (
    <HandOverRecord draft={draft} directory={directory} />
  )
}

function Lines({ draft, directory }: { draft: OpenDraft; directory: TransferDirectory }) {
  const say = useDispositionText()
  const desk = useDesk()
  const phone = usePhone()
  const { draftId, callId } = draft
  const live = usePhonePart(({ calls }) =>
    calls.some(call => call.callId === callId && (call.state === 'talking' || call.state === 'held')),
  )
  const asked = usePhonePart(({ calls }) => calls.some(call => call.consultOf === callId))
  const [way, setWay] = useState<Way>('directory')
  const [typed, setTyped] = useState('')
  /** The line that waits for the caller's consent, or for the operator's word that it was told. */
  const [picked, setPicked] = useState<TransferEntry | null>(null)
  const [under, setUnder] = useState<{ name: string; how: 'consult' | 'joining' | 'transferring' } | null>(
    null,
  )
  const [problem, setProblem] = useState<string | null>(null)
  const box = useRef<HTMLDivElement>(null)
  // What is asked, or what went wrong, is seen wherever the form stands.
  const whole = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (picked !== null || asked || problem !== null) whole.current?.scrollIntoView({ block: 'nearest' })
  }, [picked, asked, problem])
  const now = Date.now()
  const quick = quickLines(directory, now)
  const found = findLines(directory, typed).slice(0, mostFound)

  /** A consent is one for one line: for another line it is asked anew. */
  const wantsConsent = ({ consentWanted, number }: TransferEntry) =>
    consentWanted && !(draft.fields.handOverConsent === 'given' && draft.fields.handOverNumber === number)

  const begin = (entry: TransferEntry) => {
    if (callId === null || !live) return
    const how = way !== 'directory' ? way : entry.threeWayWanted ? 'three-way' : 'blind'
    setPicked(null)
    setUnder({ name: entry.name, how: waiting[how] })
    beginning[how](phone, callId, entry.number)
      .catch((error: unknown) => setProblem(sentenceOf(error)))
      // Whatever did not join by itself is completed by hand.
      .finally(() => setUnder(how === 'blind' ? null : { name: entry.name, how: 'consult' }))
  }
  const pick = (entry: TransferEntry) => {
    const refusal = mayTransfer(entry, Date.now())
    setProblem(refusal?.sentence ?? null)
    if (refusal !== null || asked) return
    if (!live || wantsConsent(entry)) setPicked(entry)
    else begin(entry)
  }
  const pickNumber = (number: string) => {
    const { entry, refusal } = lookUp(directory, number, Date.now())
    if (refusal !== null) return setProblem(refusal.sentence)
    if (entry !== null) pick(entry)
  }
  const consent = (handOverConsent: 'given' | 'refused') => {
    if (picked === null) return
    desk.edit(draftId, { handOverConsent, handOverNumber: picked.number, handOverName: picked.name })
    if (handOverConsent === 'given') return live ? begin(picked) : undefined
    setPicked(null)
  }
  const relayed = () => {
    if (picked === null) return
    desk.edit(draftId, handedOver(draft.fields, directory, picked.number, 'relayed', Date.now()))
  }
  const onKeys = (event: React.KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target instanceof HTMLTextAreaElement) return
    if (event.target instanceof HTMLInputElement && event.target.type !== 'radio') return
    const chosen = /^[1-9]$/.test(event.key) ? quick[Number(event.key) - 1] : undefined
    if (event.key === '0') box.current?.querySelector('input')?.focus()
    else if (chosen !== undefined) pick(chosen)
    else return
    event.preventDefault()
  }
  return (
    <div className="hand-over" onKeyDown={outsideComposition(onKeys)} ref={whole}>
      <div className="hand-over-lines" role="group" aria-label={say('lines')}>
        {quick.map((entry, index) => (
          <Button
            key={entry.number}
            danger
            disabled={asked}
            aria-keyshortcuts={String(index + 1)}
            onClick={() => pick(entry)}
          >
            {`${entry.number} ${entry.name}`}
            <Key>{String(index + 1)}</Key>
          </Button>
        ))}
        <span className="quiet">{say('digit')}</span>
      </div>
      <div className="hand-over-find" ref={box}>
        <AutoComplete
          aria-label={say('find')}
          placeholder={say('findHint')}
          value={typed}
          defaultActiveFirstOption
          onChange={setTyped}
          onSelect={number => {
            pickNumber(number)
            setTyped('')
          }}
          options={found.map(entry => ({
            value: entry.number,
            label: (
              <span className="directory-entry">
                <b>{entry.name}</b>
                <span className="quiet">
                  {entry.number} {mayTransfer(entry, now)?.sentence ?? entry.note}
                  {entry.consentWanted ? ` · ${say('wantsConsent')}` : ''}
                  {entry.threeWayWanted ? ` · ${say('wantsThreeWay')}` : ''}
                </span>
              </span>
            ),
          }))}
        />
        <Radio.Group
          aria-label={say('way')}
          size="small"
          value={way}
          optionType="button"
          onChange={event => setWay(event.target.value as Way)}
          options={ways.map(value => ({ value, label: say(`way.${value}`) }))}
        />
      </div>
      {picked === null ? null : (
        <div className="hand-over-ask" role="group" aria-label={picked.name}>
          {wantsConsent(picked) ? (
            <>
              <span>{say('askConsent', { name: picked.name })}</span>
              <Button type="primary" autoFocus onClick={() => consent('given')}>
                {say('given')}
              </Button>
              <Button onClick={() => consent('refused')}>{say('refused')}</Button>
            </>
          ) : (
            <>
              <span>{say('offCall', { name: picked.name })}</span>
              <Button type="primary" autoFocus onClick={relayed}>
                {say('relayed')}
              </Button>
            </>
          )}
          <Button onClick={() => setPicked(null)}>{say('cancel')}</Button>
        </div>
      )}
      {under !== null && (under.how === 'transferring' || asked) ? (
        <p role="status">{say(under.how, { name: under.name })}</p>
      ) : null}
      {draft.fields.handOverConsent === 'refused' ? <p role="status">{say('refusedHint')}</p> : null}
      <p className="panel-problem" role="alert">
        {problem}
      </p>
    </div>
  )
}

function HandOverRecord({ draft, directory }: { draft: OpenDraft; directory: TransferDirectory }) {
  const say = useDispositionText()
  const field = useFieldWords()
  const desk = useDesk()
  const { fields, draftId } = draft
  const { entry } = lookUp(directory, fields.handOverNumber, Date.parse(fields.handOverAt))
  const consentOpen = entry?.consentWanted === true && fields.handOverConsent === null
  return (
    <div className="hand-over hand-over-record" role="group" aria-label={say('record')}>
      <p>
        <b>
          {fields.handOverName} {fields.handOverNumber}
        </b>
        {fields.handOverWay === null ? null : (
          <span className="tag">{field(`handOverWay.${fields.handOverWay}`)}</span>
        )}
        <time>{fullTime(fields.handOverAt)}</time>
        <span className="quiet">{say('recordHint')}</span>
      </p>
      {consentOpen ? (
        <div className="hand-over-ask">
          <span>{say('consentLater')}</span>
          <Button onClick={() => desk.edit(draftId, { handOverConsent: 'given' })}>{say('given')}</Button>
          <Button onClick={() => desk.edit(draftId, { handOverConsent: 'refused' })}>{say('refused')}</Button>
        </div>
      ) : null}
      {fields.handOverConsent === null ? null : (
        <p className="quiet">
          {field('handOverConsent')}：{field(`handOverConsent.${fields.handOverConsent}`)}
        </p>
      )}
      <div className="row row-where">
        <TextInput name="handOverTakenBy" label={field('handOverTakenBy')} max={100} />
        <TextInput name="handOverAck" label={field('handOverAck')} max={500} />
      </div>
      <Button
        size="small"
        onClick={() =>
          desk.edit(draftId, {
            handOverNumber: '',
            handOverName: '',
            handOverWay: null,
            handOverAt: '',
            handOverConsent: null,
            handOverDirectory: '',
          })
        }
      >
        {say('again')}
      </Button>
    </div>
  )
}
