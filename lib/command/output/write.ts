import type { CommandOutput } from '../command-io.js';

/** Writes text, and resolves when the stream can take more. */
export function write(stream: CommandOutput, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
