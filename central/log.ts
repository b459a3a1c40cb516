/** Logs say which route and which code, never who or what: nothing that a citizen or an operator said passes through here. */
import { destination, type Logger, pino } from 'pino'

export const createLog = (level: string): Logger =>
  pino(
    {
      name: 'central',
      level,
      redact: {
        paths: [
          'req.headers',
          'headers',
          'body',
          'params',
          'query',
          '*.authorization',
          '*.password',
          '*.deviceSecret',
          '*.refreshToken',
          '*.accessToken',
          '*.code_hash',
          'err.detail',
          'err.where',
        ],
        remove: true,
      },
      // A database's error quotes the row it fell over.
      serializers: {
        err: (error: unknown) =>
          error instanceof Error
            ? { kind: error.name, code: (error as { code?: unknown }).code }
            : { kind: typeof error },
        req: (request: { method?: string }) => ({ method: request.method }),
      },
    },
    destination(2),
  )
