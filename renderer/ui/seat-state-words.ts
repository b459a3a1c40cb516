/** The names of the seat's states (坐席状态). */
import type { SeatState } from '../../shared/domain/seat-state.ts'
import { defineText } from './text.ts'

const useText = defineText('seat-state-kind', {
  offline: ['下线', 'Offline'],
  ready: ['示闲', 'Ready'],
  busy: ['示忙', 'Busy'],
  break: ['小休', 'Break'],
  talking: ['通话', 'On a call'],
  'wrap-up': ['话后整理', 'Wrap-up'],
})

export const useSeatStateWords = (): ((kind: SeatState['kind']) => string) => useText()
