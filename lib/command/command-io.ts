/** A stream that a command writes to. */
export interface CommandOutput extends NodeJS.WritableStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

/** A stream that a command reads from. */
export interface CommandInput extends NodeJS.ReadableStream {
  readonly isTTY?: boolean | undefined;
  setRawMode?(isRaw: boolean): unknown;
}

/** What a command knows of the process that it runs in. */
export interface CommandIo {
  readonly stdin: CommandInput;
  readonly stdout: CommandOutput;
  readonly stderr: CommandOutput;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder that paths begin at. */
  readonly cwd: string;
  /** Ends the command: somebody has pressed Ctrl-C, or nobody reads its output any more. */
  readonly signal: AbortSignal;
}
