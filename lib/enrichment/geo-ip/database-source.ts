import { unwatchFile, watchFile } from 'node:fs';
import type { GeoIpDatabaseOptions } from './geo-ip-options.js';
import type { GeoSource } from './geo-source.js';
import { missingPackage } from '../../support/missing-package.js';

const POLL_INTERVAL_MS = 2000;

/** As much of `maxmind` as is used here. */
interface Maxmind {
  open(file: string): Promise<{ get(address: string): unknown }>;
}

/** What happened to the database file. */
export interface DatabaseEvents {
  reloaded(): void;
  failed(error: unknown): void;
}

/**
 * Looks into an `.mmdb` file, which is held in memory. A file that changes is read again beside the
 * one in use, which stays in use if the new one is broken or not yet whole.
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
    // Not maxmind's own watching, which lets a broken file reject where nobody listens.
    watchFile(file, { persistent: false, interval: POLL_INTERVAL_MS }, this.changed);
  }

  /** @throws {Error} if `maxmind` is not installed, or the file cannot be read as a database. */
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
