/** 输入法: no key of a composition is a command, wherever keys are listened for. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { outsideComposition } from '../../renderer/ui/keys.ts'

const root = join(import.meta.dirname, '..', '..')

it('every key handler of an element asks whether a word is being composed', () => {
  const missing = globSync('renderer/**/*.tsx', { cwd: root }).flatMap(file =>
    [
      ...readFileSync(join(root, file), 'utf8').matchAll(
        /onKey(?:Down|Up)(?:Capture)?(?:=\{|: )(?!outsideComposition\()/g,
      ),
    ].map(({ index }) => `${file}: ${index}`),
  )
  expect(missing).toEqual([])
})

it('a key of a composition is not handed on, by whichever sign it is known', () => {
  const heard: string[] = []
  const handle = outsideComposition((event: { nativeEvent: KeyboardEvent }) =>
    heard.push(event.nativeEvent.key),
  )
  const press = (about: Partial<KeyboardEvent>) =>
    handle({ nativeEvent: { key: 'Enter', isComposing: false, keyCode: 13, ...about } as KeyboardEvent })
  press({ isComposing: true })
  press({ keyCode: 229 })
  press({ key: 'Escape', keyCode: 27 })
  expect(heard).toEqual(['Escape'])
})

it('no field of free text cuts what is pasted into it', () => {
  const cut = globSync('renderer/**/*.tsx', { cwd: root }).flatMap(file =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/<Input\.TextArea[^>]*?\smaxLength=/gs)].map(
      ({ index }) => `${file}: ${index}`,
    ),
  )
  expect(cut).toEqual([])
})
