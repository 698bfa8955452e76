import { Writable, Readable } from 'node:stream';
import { runCommandLine } from '../../lib/command/main.js';

/** What a command has printed, and its exit code. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run. */
export interface CommandSetting {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly signal?: AbortSignal;
  /** Called with each part that is printed. */
  readonly onOutput?: (text: string) => void;
}

/** Runs a command line in this process, where nobody looks at a terminal. */
export async function runCommand(
  args: readonly string[],
  { env = {}, cwd = process.cwd(), signal, onOutput }: CommandSetting = {},
): Promise<CommandResult> {
  const [stdout, stderr] = [sink(onOutput), sink()];
  const code = await runCommandLine(args, {
    stdin: Readable.from([]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    env,
    cwd,
    signal: signal ?? new AbortController().signal,
  });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function sink(onOutput: (text: string) => void = () => {}) {
  const parts: Buffer[] = [];
  const stream = new Writable({
    write(part: Buffer, _encoding, done) {
      parts.push(Buffer.from(part));
      onOutput(part.toString());
      done();
    },
  });
  return { stream, text: () => Buffer.concat(parts).toString() };
}
