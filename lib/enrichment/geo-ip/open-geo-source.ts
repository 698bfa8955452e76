import { DatabaseSource, type DatabaseEvents } from './database-source.js';
import { EndpointSource } from './endpoint-source.js';
import type { GeoIpOptions } from './geo-ip-options.js';
import type { GeoSource } from './geo-source.js';

/** @throws {Error} if a package that the source needs is missing or its database cannot be read. */
export async function openGeoSource(
  options: GeoIpOptions,
  events: DatabaseEvents,
): Promise<GeoSource> {
  if ('resolve' in options) return { find: options.resolve, immediate: false };
  if ('database' in options) return DatabaseSource.open(options, events);
  return EndpointSource.open(options);
}
