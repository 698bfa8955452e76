import { Logger, type LoggerService } from '@nestjs/common';
import { visibleText } from './shown-value.js';

const LEVELS = ['log', 'warn', 'error', 'debug', 'verbose', 'fatal'] as const;

// Only the lines of a stack trace are intended line breaks.
const STACK_LINE = /(\n {4}at )/;

/**
 * The application's logger, under the library's name. Messages contain foreign text, such as a
 * server's error, which may come from a request. Its control characters are escaped, so that it
 * cannot forge log lines. Errors of the logger are ignored.
 */
export function usageLogger(context = 'TrackUsage'): LoggerService {
  const logger: LoggerService = new Logger(context);
  const entries = LEVELS.map((level) => {
    const write = (...given: unknown[]) => {
      try {
        const [message, ...others] = given.map(visible);
        logger[level]?.(message, ...others);
      } catch {
        // A failure of the logger cannot be logged.
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

/** Wraps a logger and ignores its errors, so that they never drop a record. */
export function quietLogger(logger: LoggerService): QuietLogger {
  const at = (level: keyof QuietLogger) => (message: string) => {
    try {
      logger[level](message);
    } catch {
      // A failure of the logger cannot be logged.
    }
  };
  return { error: at('error'), warn: at('warn'), log: at('log') };
}
