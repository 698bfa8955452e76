import { unwatchFile, watchFile } from 'node:fs';
import type { GeoIpDatabaseOptions } from './geo-ip-options.js';
import type { GeoSource } from './geo-source.js';
import { missingPackage } from '../../support/optional-packages.js';

const POLL_INTERVAL_MS = 2000;

/** The part of `maxmind` that is used here. */
interface Maxmind {
  open(file: string): Promise<{ get(address: string): unknown }>;
}

/** Callbacks for changes of the database file. */
export interface DatabaseEvents {
  reloaded(): void;
  failed(error: unknown): void;
}

/**
 * Looks addresses up in an `.mmdb` file, which is held in memory. Reads the file again when it
 * changes. The old data stay in use until then, and also if the new file is broken or incomplete.
 */
export class DatabaseSource implements GeoSource {
  readonly immediate = true;
  private readonly changed = () => void this.reload();

  private constructor(
    private readonly file: string,
    private readonly maxmind: Maxmind,
    private reader: Awaited<ReturnType<Maxmind['open']>>,
    private readonly events: DatabaseEvents,
  ) {
    // Does not use maxmind's own watcher: a broken file causes an unhandled rejection there.
    watchFile(file, { persistent: false, interval: POLL_INTERVAL_MS }, this.changed);
  }

  /** @throws {Error} if `maxmind` is not installed or the file cannot be read as a database. */
  static async open(
    { database }: GeoIpDatabaseOptions,
    events: DatabaseEvents,
  ): Promise<DatabaseSource> {
    const loaded = await import('maxmind').catch(
      missingPackage('TrackUsageModule: option geoIp.database:', 'maxmind'),
    );
    const maxmind: Maxmind = 'open' in loaded ? loaded : (loaded as { default: Maxmind }).default;
    try {
      return new DatabaseSource(database, maxmind, await maxmind.open(database), events);
    } catch (cause) {
      throw new Error(
        `TrackUsageModule: option geoIp.database: '${database}' cannot be read as a MaxMind ` +
          `database (${String(cause)}). Give the path of an .mmdb file.`,
        { cause },
      );
    }
  }

  find(address: string): unknown {
    return this.reader.get(address);
  }

  close(): void {
    unwatchFile(this.file, this.changed);
  }

  private async reload(): Promise<void> {
    try {
      this.reader = await this.maxmind.open(this.file);
      this.events.reloaded();
    } catch (error) {
      this.events.failed(error);
    }
  }
}
