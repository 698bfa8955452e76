import { Logger, type LoggerService } from '@nestjs/common';
import { visibleText } from './visible-text.js';

const LEVELS = ['log', 'warn', 'error', 'debug', 'verbose', 'fatal'] as const;

// The lines of a stack are the only line breaks that are meant.
const STACK_LINE = /(\n {4}at )/;

/**
 * The application's logger, under the library's name. What it is given holds texts of others, such
 * as a server's error, which may come from a request: their control characters are escaped, so that
 * they forge no line. A logger that throws harms nobody.
 */
export function usageLogger(context = 'TrackUsage'): LoggerService {
  const logger: LoggerService = new Logger(context);
  const entries = LEVELS.map((level) => {
    const write = (...given: unknown[]) => {
      try {
        const [message, ...others] = given.map(visible);
        logger[level]?.(message, ...others);
      } catch {
        // There is nowhere left to say so.
      }
    };
    return [level, write] as const;
  });
  return Object.fromEntries(entries) as unknown as LoggerService;
}

function visible(given: unknown): unknown {
  if (typeof given !== 'string') return given;
  return given
    .split(STACK_LINE)
    .map((part, at) => (at % 2 === 1 ? part : visibleText(part)))
    .join('');
}

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
