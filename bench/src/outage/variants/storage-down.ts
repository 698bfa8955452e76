import { connect } from 'node:net';
import { TrackUsageModule, UsageService, type UsageStorage } from 'nestjs-track-usage';
import type { Variant } from '../../overhead/variant.js';

/** A storage whose server is at `port`, and says nothing that would be an answer. */
class TcpStorage implements UsageStorage {
  readonly name = 'down';
  // The calls to a server that hangs end with their connections.
  readonly options = { storeTimeout: 1000 };

  constructor(private readonly port: number) {}

  async store(records: readonly unknown[]): Promise<void> {
    const batch = Buffer.from(JSON.stringify(records));
    await new Promise<never>((_, reject) => {
      const socket = connect({ port: this.port, host: '127.0.0.1' }, () => socket.write(batch));
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('The connection was closed.')));
      socket.setTimeout(2000, () => socket.destroy());
    });
  }
}

/** Every request recorded in full, for a storage that takes none of them. */
export function storageDown(title: string, port: string): Variant {
  return {
    title,
    keeps: 'full records, which wait',
    modules: () => [
      TrackUsageModule.forRoot({
        mode: 'include',
        storages: [new TcpStorage(Number(process.env[port]))],
      }),
    ],
    async check(app, sent) {
      const total = sent.reduce((sum, count) => sum + count, 0);
      const stats = () => app.get(UsageService).stats().storages['down']!;
      // The server may have counted less than the client has been answered.
      for (let turn = 0; turn < 100 && stats().seen < total; turn++)
        await new Promise((resolve) => setTimeout(resolve, 10));
      const { seen, stored, waiting, lastError } = stats();
      const isRight = seen === total && stored === 0 && waiting === total && lastError !== null;
      return isRight
        ? []
        : [`of ${total} requests, ${seen} were seen, ${stored} stored, and ${waiting} wait`];
    },
  };
}
