import { defaultExport } from '../../../support/default-export.js';

/**
 * Loads the driver of a server by a name that a bundler reads, where TypeORM asks for it by a
 * variable, and so in vain in a bundle.
 *
 * @returns undefined where it is not found from here: TypeORM looks for it from its own place.
 */
export async function loadDriver(type: string): Promise<unknown> {
  try {
    switch (type) {
      case 'postgres':
        // @ts-expect-error -- It brings no types.
        return defaultExport((await import('pg')) as { default: unknown });
      case 'mysql':
      case 'mariadb':
        return defaultExport(await import('mysql2'));
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
}
