/** What a process of the bench does when its parent asks. */
export type Commands = Record<string, (argument: never) => unknown>;

interface Call {
  readonly id: number;
  readonly command: string;
  readonly argument: unknown;
}

/** How a call went, as it goes back to the parent. */
export interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** Answers the parent process from now on, and tells it so. */
export function serveCommands(commands: Commands): void {
  process.on('message', ({ id, command, argument }: Call) => {
    const work = async () => commands[command]!(argument as never);
    work().then(
      (result) => process.send!({ id, result } satisfies Answer),
      (error: Error) => process.send!({ id, error: error.stack ?? error.message } satisfies Answer),
    );
  });
  // Whoever has lost its parent measures for nobody.
  process.on('disconnect', () => process.exit());
  process.send!({ id: 0 } satisfies Answer);
}
