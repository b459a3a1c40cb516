/** What suites that run beside each other print: each whole, in order, the first as it comes. */
import { expect, it } from 'vitest'
import { inTurn } from '../../scripts/in-turn.mjs'

it('shows the first as it comes, and what the others said when it is their turn', () => {
  const shown: string[] = []
  const turns = inTurn(['first', 'second', 'third'], text => shown.push(text))
  const [first, second, third] = [turns('first'), turns('second'), turns('third')]
  second.print('b1')
  first.print('a1')
  third.print('c1')
  expect(shown).toEqual(['a1'])
  third.end()
  first.print('a2')
  first.end()
  expect(shown).toEqual(['a1', 'a2', 'b1'])
  second.print('b2')
  expect(shown).toEqual(['a1', 'a2', 'b1', 'b2'])
  second.end()
  expect(shown).toEqual(['a1', 'a2', 'b1', 'b2', 'c1'])
})
