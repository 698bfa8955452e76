import { VERSION_NEUTRAL, VersioningType, type VersioningOptions } from '@nestjs/common';

// Nest's metadata key of `@Version()` and of `@Controller({ version })`.
const VERSION_KEY = '__version__';
const DEFAULT_PREFIX = 'v';

/** How an application's routes are versioned. */
export interface Versioning {
  readonly options: VersioningOptions;
  /** The prefix of all routes; empty if there is none. */
  readonly globalPrefix: string;
}

/** The versions that a handler answers, as declared. */
export interface DeclaredVersions {
  readonly versions: readonly string[];
  /** Whether requests without a version reach the handler too. */
  readonly isNeutral: boolean;
}

/** The versions of a handler; null if it has none. */
export function declaredVersions(
  controller: object,
  handler: object,
  { options }: Versioning,
): DeclaredVersions | null {
  // As Nest chooses: the handler's, else the controller's, else the default of the application.
  const declared: unknown =
    Reflect.getMetadata(VERSION_KEY, handler) ||
    (Reflect.getMetadata(VERSION_KEY, controller) ?? options.defaultVersion);
  const all: unknown[] = Array.isArray(declared) ? declared : [declared];
  const versions = all.filter((each): each is string => typeof each === 'string');
  return versions.length === 0 ? null : { versions, isNeutral: all.includes(VERSION_NEUTRAL) };
}

/** A request as frameworks give it, as far as it names a version. */
interface VersionedRequest {
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * The version that answered a request which has reached a handler. Null if the handler answered it
 * without a version.
 *
 * @param route The declared route with the prefix and the version in its path.
 */
export function answeringVersion(
  { versions, isNeutral }: DeclaredVersions,
  versioning: Versioning,
  request: object,
  route: string | null,
): string | null {
  const [first] = versions;
  if (versions.length === 1 && !isNeutral) return first!;
  if (versioning.options.type === VersioningType.URI)
    return versionInRoute(versions, route ?? '', prefixOf(versioning.options), versioning);
  const requested = requestedVersions(versioning.options, request);
  return requested.find((version) => versions.includes(version)) ?? null;
}

function prefixOf({ prefix = DEFAULT_PREFIX }: { prefix?: string | false }): string {
  return prefix === false ? '' : prefix;
}

function versionInRoute(
  versions: readonly string[],
  route: string,
  prefix: string,
  { globalPrefix }: Versioning,
): string | null {
  const ahead = globalPrefix.split('/').filter(Boolean);
  const segments = route.split('/').filter(Boolean);
  // A route may be excluded from the global prefix.
  const hasPrefix = ahead.every((segment, at) => segments[at] === segment);
  const segment = segments[hasPrefix ? ahead.length : 0];
  return versions.find((version) => segment === prefix + version) ?? null;
}

/** The versions that a request asks for, in the order of preference. */
function requestedVersions(options: VersioningOptions, request: VersionedRequest): string[] {
  switch (options.type) {
    case VersioningType.HEADER:
      return [request.headers?.[options.header.toLowerCase()] ?? []].flat();
    case VersioningType.MEDIA_TYPE:
      return versionsInMediaTypes(String(request.headers?.['accept'] ?? ''), options.key);
    case VersioningType.CUSTOM:
      return [options.extractor(request)].flat();
    default:
      return [];
  }
}

function versionsInMediaTypes(accept: string, key: string): string[] {
  const parameters = accept.split(',').flatMap((range) => range.split(';').slice(1));
  return parameters
    .map((parameter) => parameter.trim())
    .filter((parameter) => parameter.startsWith(key))
    .map((parameter) => parameter.slice(key.length).replace(/^"(.*)"$/, '$1'));
}
