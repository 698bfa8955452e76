import { defaultExport } from '../../../support/default-export.js';

/** A request as nano takes it. */
export interface NanoRequest {
  db: string;
  path?: string;
  method?: string;
  body?: unknown;
}

/**
 * What is used of a server of `nano`.
 *
 * @publicApi
 */
export interface NanoServer {
  request(options: NanoRequest): Promise<unknown>;
}

export function isNanoServer(value: unknown): value is NanoServer {
  return typeof (value as Partial<NanoServer> | null | undefined)?.request === 'function';
}

/**
 * A server of the storage's own.
 *
 * @throws {Error} if `nano` is not installed.
 */
export async function ownServer(
  url: string,
  username: string,
  password: string,
): Promise<NanoServer> {
  const nano = defaultExport(
    await import('nano').catch((error: unknown) => {
      throw missingPackage(error) ?? error;
    }),
  );
  const credentials = Buffer.from(`${username}:${password}`).toString('base64');
  return nano({
    url,
    ...(username && { headers: { Authorization: `Basic ${credentials}` } }),
  });
}

function missingPackage(error: unknown): Error | null {
  const { code, message } = error as NodeJS.ErrnoException;
  if (!code?.endsWith('MODULE_NOT_FOUND') || !message.includes("'nano'")) return null;
  return new Error(
    'CouchDbStorage: the package nano is not installed. Install it with: npm install nano',
    { cause: error },
  );
}
