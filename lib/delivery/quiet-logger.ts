import type { LoggerService } from '@nestjs/common';

/** The levels that delivery writes. */
export type QuietLogger = Record<'error' | 'warn' | 'log', (message: string) => void>;

/** The application's logger, whose own failures go nowhere: no record must be lost by them. */
export function quietLogger(logger: LoggerService): QuietLogger {
  const at = (level: keyof QuietLogger) => (message: string) => {
    try {
      logger[level](message);
    } catch {
      // There is nowhere left to say so.
    }
  };
  return { error: at('error'), warn: at('warn'), log: at('log') };
}
