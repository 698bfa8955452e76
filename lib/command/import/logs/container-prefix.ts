/** A line without what a container runtime put before it. */
export interface BareLine {
  readonly text: string;
  /** When the runtime received it, if it says so. */
  readonly time: string | undefined;
}

const CRI = /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) (stdout|stderr) ([FP])(?:[^ ]*) (.*)$/s;
const DOCKER_TIMESTAMP = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) (.*)$/s;
const COMPOSE = /^[\w.-]+ +\| (.*)$/s;
const KUBECTL = /^\[[\w./-]+\] (.*)$/s;

/**
 * Takes off what Docker's `json-file` driver, CRI, `docker logs -t`, `docker compose logs` and
 * `kubectl logs --prefix` put before a line, and joins lines that the runtime has split.
 */
export class ContainerPrefix {
  /** The beginnings of split lines, by their stream. */
  private readonly partial = new Map<string, string>();

  /** The bare line; `'partial'` if the rest is to come; null if the line has no such prefix. */
  strip(line: string): BareLine | 'partial' | null {
    if (line.startsWith('{"log":')) return this.docker(line);
    const cri = CRI.exec(line);
    if (cri !== null) {
      const [, time, stream, tag, text] = cri;
      return this.join(stream!, text!, tag === 'F', time);
    }
    const stamped = DOCKER_TIMESTAMP.exec(line);
    if (stamped !== null) return { text: stamped[2]!, time: stamped[1] };
    const named = COMPOSE.exec(line) ?? KUBECTL.exec(line);
    return named === null ? null : (this.strip(named[1]!) ?? { text: named[1]!, time: undefined });
  }

  private docker(line: string): BareLine | 'partial' | null {
    try {
      const { log, stream, time } = JSON.parse(line) as Record<string, unknown>;
      if (typeof log !== 'string') return null;
      const isWhole = log.endsWith('\n');
      const text = isWhole ? log.replace(/\r?\n$/, '') : log;
      return this.join(String(stream), text, isWhole, typeof time === 'string' ? time : undefined);
    } catch {
      return null;
    }
  }

  private join(
    stream: string,
    text: string,
    isWhole: boolean,
    time: string | undefined,
  ): BareLine | 'partial' {
    const begun = this.partial.get(stream) ?? '';
    if (!isWhole && begun.length < MAX_JOINED) {
      this.partial.set(stream, begun + text);
      return 'partial';
    }
    if (begun !== '') this.partial.delete(stream);
    return { text: begun + text, time };
  }
}

/** Characters of the longest joined line. */
const MAX_JOINED = 1_048_576;
