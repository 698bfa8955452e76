import type { SourceItem } from '../source-item.js';
import { UnreadableError } from '../unreadable.error.js';
import { ContainerPrefix } from './container-prefix.js';
import type { LogFields } from './log-fields.js';
import type { LineParser } from './log-format.js';
import type { RequestMapper } from './to-request.js';

const OTHER_FORM = new UnreadableError('it has another form');

/** Reads the lines of one file, and counts them. */
export class LogReader {
  private readonly prefix = new ContainerPrefix();
  private line = 0;

  constructor(
    private readonly name: string,
    private readonly parse: LineParser,
    private readonly mapper: RequestMapper,
  ) {}

  read(lines: readonly string[]): SourceItem[] {
    const items: SourceItem[] = [];
    for (const line of lines) {
      this.line++;
      const item = line === '' ? null : this.itemOf(line);
      if (item !== null) items.push(item);
    }
    return items;
  }

  private itemOf(line: string): SourceItem | null {
    const direct = this.tryRead(line);
    if (!(direct instanceof UnreadableError)) return direct;
    const bare = this.prefix.strip(line);
    if (bare === 'partial') return null;
    const inner = bare === null ? direct : this.tryRead(bare.text, bare.time);
    if (!(inner instanceof UnreadableError)) return inner;
    return { kind: 'rejected', place: this.place, text: line, reason: inner.message };
  }

  private tryRead(text: string, received?: string): SourceItem | null | UnreadableError {
    try {
      const fields = this.parse(text);
      if (fields === 'no request') return null;
      return fields === null ? OTHER_FORM : this.request(fields, text, received);
    } catch (error) {
      if (error instanceof UnreadableError) return error;
      throw error;
    }
  }

  /** @param received When the container's runtime received the line, for lines without a time. */
  private request(fields: LogFields, text: string, received?: string): SourceItem {
    const isDated = received === undefined || hasTime(fields);
    return {
      kind: 'request',
      place: this.place,
      captured: this.mapper.map(isDated ? fields : { ...fields, time_iso8601: received }),
      content: isDated ? text : `${received} ${text}`,
      facts: factsOf(fields),
    };
  }

  private get place(): string {
    return `${this.name}:${this.line}`;
  }
}

function hasTime({ msec, time_iso8601: iso, time_local: local, time_start: start }: LogFields) {
  return (msec ?? iso ?? local ?? start) !== undefined;
}

function factsOf({ hostname }: LogFields): { serverName: string } | undefined {
  return hostname === undefined ? undefined : { serverName: hostname };
}
