import { readDocument } from '../options/read-document.js';
import { CommandUsageError } from '../usage-error.js';

/** The routes that a file declares. */
export interface DeclaredFile {
  /** Whether a route is in it. */
  has(route: FileRoute): boolean;
  /** Those of a list; null for an OpenAPI document, which does not tell what the list does. */
  readonly routes: readonly FileRoute[] | null;
}

/** A route as lists of routes tell it from others. */
export interface FileRoute {
  readonly service: string | null;
  readonly method: string;
  readonly path: string;
  readonly apiVersion: string | null;
  readonly host: string | null;
  readonly handler: string | null;
}

type JsonObject = Readonly<Record<string, unknown>>;

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'];

/**
 * Reads a list of routes, as `routes --json` prints it, or an OpenAPI document in JSON or YAML.
 *
 * @throws {CommandUsageError} if the file cannot be read, or is neither.
 */
export async function readDeclared(flag: string, file: string): Promise<DeclaredFile> {
  const value = await readDocument(flag, file);
  if (isObject(value) && isObject(value['paths'])) return documented(value['paths'], value);
  // With other flags, the command prints what it has found beside the list.
  const list = isObject(value) ? value['routes'] : value;
  if (Array.isArray(list)) return listed(list.flatMap((each, at) => routeOf(each, flag, file, at)));
  throw new CommandUsageError(
    `${flag}: expected a list of routes as 'routes --json' prints it, or an OpenAPI document, but ` +
      `${file} has neither a list nor paths.`,
  );
}

/** A route of a list; none if it is gone. */
function routeOf(value: unknown, flag: string, file: string, at: number): FileRoute[] {
  const { service, method, path, apiVersion, host, handler, gone } = isObject(value) ? value : {};
  if (typeof method !== 'string' || typeof path !== 'string')
    throw new CommandUsageError(
      `${flag}: expected ${file}[${at}] to have a method and a path, as texts.`,
    );
  if (gone !== null && gone !== undefined) return [];
  const [one, version, name] = [service, apiVersion, host].map(textOrNull) as [
    string | null,
    string | null,
    string | null,
  ];
  return [
    {
      ...{ service: one, method: method.toUpperCase(), path, apiVersion: version, host: name },
      handler: textOrNull(handler),
    },
  ];
}

function listed(routes: readonly FileRoute[]): DeclaredFile {
  const keys = new Set(routes.map(keyOf));
  return { routes, has: (route) => keys.has(keyOf(route)) };
}

export function keyOf({ service, method, path, apiVersion, host }: FileRoute): string {
  return JSON.stringify([service, method, path, apiVersion, host]);
}

/** What a document tells: methods and paths, whatever their parameters are named. */
function documented(paths: JsonObject, document: JsonObject): DeclaredFile {
  const base = basePath(document['servers']);
  const known = new Set<string>();
  for (const [path, operations] of Object.entries(paths)) {
    const shape = shapeOf(base + path);
    for (const method of METHODS)
      if (isObject(operations) && isObject(operations[method]))
        known.add(`${method.toUpperCase()} ${shape}`).add(`ALL ${shape}`);
  }
  return { routes: null, has: ({ method, path }) => known.has(`${method} ${shapeOf(path)}`) };
}

/** The path of the first server, which all paths of a document follow. */
function basePath(servers: unknown): string {
  const url: unknown = Array.isArray(servers) && isObject(servers[0]) ? servers[0]['url'] : '';
  const path = typeof url === 'string' ? url.replace(/^[a-z]+:\/\/[^/]*/i, '') : '';
  return path.startsWith('/') ? path.replace(/\/+$/, '') : '';
}

/** A path without the names of its parameters: `/cats/{}`. */
function shapeOf(path: string): string {
  const shape = path
    .split('/')
    .map((part) => part.replace(/\{[^}]*\}|:\w+(?:\([^)]*\))?|\*\w*/g, '{}'))
    .join('/');
  return shape.replace(/\/+$/, '') || '/';
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
