import { CommandUsageError } from '../../usage-error.js';
import { readDocument } from '../../options/read-document.js';
import type { ImportedRoute } from './imported-route.js';

type JsonObject = Record<string, unknown>;

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'];
/** The ids that `@nestjs/swagger` gives operations, with a version or without. */
const OPERATION_ID = /^(\w+Controller)_(\w+?)(?:_v?([\w.]+))?$/;

/**
 * Reads a file of routes: the list that `usage.routes()` returns, or an OpenAPI document. Either may be
 * JSON or YAML.
 *
 * @throws {CommandUsageError} if it is neither. The message says what is there.
 */
export async function readRoutes(file: string): Promise<ImportedRoute[]> {
  const value = await readDocument('--routes', file);
  if (Array.isArray(value)) return value.map((each, at) => listedRoute(each, `${file}[${at}]`));
  if (isObject(value) && isObject(value['paths'])) return documentedRoutes(value);
  throw new CommandUsageError(
    `--routes: expected a list of routes as usage.routes() returns it, or an OpenAPI document, but ` +
      `${file} has neither a list nor paths.`,
  );
}

function listedRoute(value: unknown, place: string): ImportedRoute {
  const { method, path, controller, handler, apiVersion } = isObject(value) ? value : {};
  if (typeof method !== 'string' || typeof path !== 'string')
    throw new CommandUsageError(
      `--routes: expected ${place} to have a method and a path, as texts.`,
    );
  return {
    method: method.toUpperCase(),
    path: path.startsWith('/') ? path : `/${path}`,
    blueprint: textOrNull(controller),
    handler: textOrNull(handler),
    apiVersion: textOrNull(apiVersion),
  };
}

function documentedRoutes(document: JsonObject): ImportedRoute[] {
  const base = basePath(document['servers']);
  return Object.entries(document['paths'] as JsonObject).flatMap(([path, operations]) =>
    METHODS.flatMap((method) => {
      const operation = isObject(operations) ? operations[method] : undefined;
      if (!isObject(operation)) return [];
      const id = operation['operationId'];
      const [, blueprint, handler, version] = OPERATION_ID.exec(String(id)) ?? [];
      return {
        method: method.toUpperCase(),
        path: base + path.replace(/\{([^}]+)\}/g, ':$1'),
        blueprint: blueprint ?? null,
        handler: handler ?? null,
        apiVersion: version ?? null,
      };
    }),
  );
}

/** The path of the first server, which all paths of a document follow. */
function basePath(servers: unknown): string {
  const url = Array.isArray(servers) && isObject(servers[0]) ? servers[0]['url'] : '';
  const path = typeof url === 'string' ? url.replace(/^[a-z]+:\/\/[^/]*/i, '') : '';
  return path.startsWith('/') ? path.replace(/\/+$/, '') : '';
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
