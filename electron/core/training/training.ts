/** The training page's way to the training exchange: a small HTTP client of its control address. */
import { z } from 'zod'
import type { TrainingExchange } from '../../../shared/contract/core-host.ts'
import {
  type TrainingCall,
  type TrainingScript,
  trainingCall,
  trainingScript,
} from '../../../shared/contract/seat.ts'
import { Refusal } from '../refusal.ts'

const timeoutMs = 5_000

export type Training = {
  scripts(): Promise<TrainingScript[]>
  startCall(scriptId: string, from: string): Promise<{ callId: string }>
  call(callId: string): Promise<TrainingCall>
}

export function createTraining(exchange: TrainingExchange | null): Training {
  const ask = async <T>(schema: z.ZodType<T>, path: string, body?: unknown): Promise<T> => {
    if (exchange === null) throw new Refusal('TRAINING_UNAVAILABLE')
    try {
      const response = await fetch(new URL(path, exchange.controlUrl), {
        method: body === undefined ? 'GET' : 'POST',
        headers: { 'content-type': 'application/json' },
        signal: AbortSignal.timeout(timeoutMs),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      if (!response.ok) throw new Refusal('TRAINING_UNAVAILABLE')
      return schema.parse(await response.json())
    } catch {
      throw new Refusal('TRAINING_UNAVAILABLE')
    }
  }
  return {
    scripts: () => ask(z.array(trainingScript), '/scripts'),
    startCall: (script, from) => ask(z.object({ callId: z.string() }), '/calls', { script, from }),
    call: callId => ask(trainingCall, `/calls/${encodeURIComponent(callId)}`),
  }
}
