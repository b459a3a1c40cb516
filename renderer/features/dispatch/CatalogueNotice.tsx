/** Another version of the catalogue came into force, and it concerns whoever sits here: what changed, until it was seen. */
import { Alert, Button } from 'antd'
import type { CatalogueChange } from '../../../shared/domain/catalogue-changes.ts'
import { useCatalogue } from '../../bridge/bridge-context.tsx'
import { useCatalogueNotice } from './dispatch-data.ts'
import { useDispatchText } from './dispatch-text.ts'

/** Named in the first line. */
const mostNamed = 5

export function CatalogueNotice() {
  const say = useDispatchText()
  const [notice, seen] = useCatalogueNotice()
  const catalogue = useCatalogue().data
  if (notice === null) return null
  const { version, previous, changes, changeCount, mine } = notice
  const names = new Map([
    ...(catalogue?.categories ?? []).map(({ code, name }) => [code, name] as const),
    ...changes.flatMap(({ table, code, name }) => (table === 'categories' ? [[code, name] as const] : [])),
  ])
  const named = mine.slice(0, mostNamed).map(code => names.get(code) ?? code)
  return (
    <Alert
      className="catalogue-notice"
      type="info"
      showIcon
      title={say('notice.title', { version })}
      description={
        <>
          <p>{say('notice.mine', { names: `${named.join('、')}${mine.length > mostNamed ? '…' : ''}` })}</p>
          <details>
            <summary>{say('notice.all', { previous, count: changeCount })}</summary>
            <ul className="catalogue-changes">
              {changes.map(change => (
                <li key={`${change.table} ${change.code} ${change.change}`}>
                  <Change change={change} />
                </li>
              ))}
            </ul>
            {changeCount > changes.length ? (
              <p className="quiet">{say('notice.more', { count: changes.length })}</p>
            ) : null}
          </details>
        </>
      }
      action={
        <Button size="small" onClick={seen}>
          {say('notice.seen')}
        </Button>
      }
    />
  )
}

type FieldWord = Parameters<ReturnType<typeof useDispatchText>>[0]

function Change({ change: { table, change, code, name, fields } }: { change: CatalogueChange }) {
  const say = useDispatchText()
  return (
    <>
      <span className={`tag ${change === 'removed' ? 'warn' : ''}`}>{say(`change.${change}`)}</span>{' '}
      {say(`table.${table}`)} {name} <span className="quiet numeric">{code}</span>
      {fields.length === 0 ? null : (
        <span className="quiet">
          ：{fields.map(({ field }) => say(`field.${field}` as FieldWord)).join('、')}
        </span>
      )}
    </>
  )
}
