/**
 * Settings, in layers: defaults < this start's training exchange < what was saved here < the administrator's policy file.
 * A policy file with any error has no effect at all, and its errors are shown.
 */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { TrainingExchange } from '../../../shared/contract/core-host.ts'
import type { PhoneCredentials, SettingsView } from '../../../shared/contract/seat.ts'
import {
  defaultSettings,
  type SeatPolicy,
  type SeatSettings,
  seatPolicy,
  seatSettings,
} from '../../../shared/domain/settings.ts'
import type { ModelInUse } from '../language-model/language-model.ts'
import { Refusal } from '../refusal.ts'
import type { Database } from '../storage/database.ts'

const secretName = 'extensionSecret'
const modelKeyName = 'languageModelKey'

type SettingsChange = {
  settings: { [K in keyof SeatSettings]?: SeatSettings[K] | undefined }
  extensionSecret?: string | undefined
  languageModelKey?: string | undefined
}

export type Settings = {
  effective(db: Database): SeatSettings
  view(db: Database): SettingsView
  /** What the gate needs, for a page at which nobody is signed in. */
  gateView(db: Database): SettingsView
  /** Refuses with SETTING_FIXED_BY_POLICY when any of the values is the administrator's. */
  save(db: Database, input: SettingsChange): void
  /** Null when no exchange or no extension is configured. */
  phoneCredentials(db: Database): PhoneCredentials | null
  /** Null: the policy file names none. */
  languageModel(db: Database): ModelInUse | null
}

export type PolicyFile = {
  file: string | null
  policy: SeatPolicy
  errors: { path: string; message: string }[]
}

/** Reads and checks the policy file. Never throws: what is wrong is in `errors`. */
export function readPolicy(file: string | null): PolicyFile {
  if (file === null) return { file, policy: {}, errors: [] }
  const refused = (path: string, message: string): PolicyFile => ({
    file,
    policy: {},
    errors: [{ path, message }],
  })
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return refused('', '策略文件无法读取')
  }
  let content: unknown
  try {
    content = JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (error) {
    return refused('', `策略文件不是合法的 JSON：${error instanceof Error ? error.message : ''}`)
  }
  const parsed = seatPolicy.safeParse(content, { error: z.locales.zhCN().localeError })
  if (parsed.success) return { file, policy: parsed.data, errors: [] }
  return {
    file,
    policy: {},
    errors: parsed.error.issues.map(issue => ({ path: issue.path.join('.'), message: issue.message })),
  }
}

export function createSettings(parts: { policy: PolicyFile; training: TrainingExchange | null }): Settings {
  const { policy, training } = parts
  const { extensionSecret: policySecret, languageModel, languageModelKey, ...policySettings } = policy.policy
  const trainingSettings: Partial<SeatSettings> =
    training === null
      ? {}
      : {
          exchangeUrl: training.sipUrl,
          sipDomain: training.sipDomain,
          extension: training.extension,
          areaCode: '0999',
        }

  const saved = (db: Database): Partial<SeatSettings> => {
    const rows = db.prepare('SELECT name, value FROM setting').all() as { name: string; value: string }[]
    // One by one: a value that a later version no longer takes does not cost the others.
    const values: Record<string, unknown> = {}
    for (const { name, value } of rows) {
      const parsed = (seatSettings.shape as Record<string, z.ZodType>)[name]?.safeParse(JSON.parse(value))
      if (parsed?.success === true) values[name] = parsed.data
    }
    return values
  }
  const savedSecret = (db: Database, name: typeof secretName | typeof modelKeyName): string | null => {
    const value: unknown = db.prepare('SELECT value FROM setting WHERE name = ?').pluck().get(name)
    return typeof value === 'string' ? (JSON.parse(value) as string) : null
  }
  const effective = (db: Database): SeatSettings => ({
    ...defaultSettings,
    ...trainingSettings,
    ...saved(db),
    ...withoutUndefined(policySettings),
  })
  const secret = (db: Database): string =>
    policySecret ??
    savedSecret(db, secretName) ??
    (effective(db).exchangeUrl === training?.sipUrl ? training.secret : '')

  const modelInUse = (db: Database): ModelInUse | null =>
    languageModel === undefined
      ? null
      : { ...languageModel, key: languageModelKey ?? savedSecret(db, modelKeyName) ?? '' }

  return {
    effective,
    languageModel: modelInUse,
    view: db => ({
      settings: effective(db),
      fixed: Object.keys(policy.policy),
      hasExtensionSecret: secret(db) !== '',
      languageModel: modelView(modelInUse(db)),
      policy: { file: policy.file, errors: policy.errors },
    }),
    gateView: db => {
      const { language, textSize } = effective(db)
      return {
        settings: { ...defaultSettings, language, textSize },
        fixed: [],
        hasExtensionSecret: false,
        languageModel: null,
        policy: { file: null, errors: [] },
      }
    },
    save: (db, { settings, extensionSecret, languageModelKey: modelKey }) => {
      const names = [
        ...Object.keys(withoutUndefined(settings)),
        ...(extensionSecret === undefined ? [] : [secretName]),
        ...(modelKey === undefined ? [] : [modelKeyName]),
      ]
      const fixed = names.filter(name => name in policy.policy)
      if (fixed.length > 0) throw new Refusal('SETTING_FIXED_BY_POLICY', { fields: fixed })
      const keep = db.prepare(
        'INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
      )
      for (const [name, value] of Object.entries(withoutUndefined(settings)))
        keep.run(name, JSON.stringify(value))
      if (extensionSecret !== undefined) keep.run(secretName, JSON.stringify(extensionSecret))
      if (modelKey !== undefined) {
        if (languageModel === undefined) throw new Refusal('MODEL_OFF')
        keep.run(modelKeyName, JSON.stringify(modelKey))
      }
    },
    phoneCredentials: db => {
      const { exchangeUrl, backupExchangeUrl, sipDomain, extension, authUser } = effective(db)
      if (exchangeUrl === '' || extension === '') return null
      return {
        exchanges: [exchangeUrl, backupExchangeUrl].filter(url => url !== ''),
        sipDomain: sipDomain === '' ? new URL(exchangeUrl).hostname : sipDomain,
        extension,
        authUser: authUser === '' ? extension : authUser,
        secret: secret(db),
      }
    },
  }
}

const modelView = (inUse: ModelInUse | null) =>
  inUse === null ? null : { host: new URL(inUse.url).host, model: inUse.model, hasKey: inUse.key !== '' }

function withoutUndefined<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}
