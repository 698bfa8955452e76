import { createIsbotFromList, list } from 'isbot';
import { UAParser } from 'ua-parser-js';
import type { UserAgentInfo, UserAgentKind } from '../../record/index.js';
import { API_CLIENTS } from './api-clients.js';
import { findApplication, type NamedApplication } from './find-application.js';
import { NAMED_BOTS } from './named-bots.js';
import type { NamedClient } from './named-client.js';
import { NAMED_SERVICES, SERVICE_TOKEN } from './named-services.js';

/** The fields that come from the `User-Agent` header alone. */
export type ParsedUserAgent = Pick<UserAgentInfo, 'browser' | 'version' | 'platform' | 'kind'>;

// Some of isbot's patterns contain no name: they match every header that does not look like a
// browser's. On an API, `acme-billing/2.3` is a customer.
const BOT_PATTERNS = list.filter((pattern) =>
  /[a-z]{2}|\d[a-z]|@/i.test(pattern.replace(/\\[a-z]|\[[^\]]*\]/g, '')),
);

/**
 * Words in those patterns that occur in customers' clients as well as in crawlers:
 * `payment-server/1.4`, `acme-agent/2`, `order-dispatcher/1` (isbot's `catch`).
 */
const EVERYDAY_WORDS =
  /^(?:\^(?:active|apache|azure|client|custom|dispatch|email|offline|php|python|read|rest|sora|time|track)|\\b(?:perl|time)|java|node\\b|server|library|proxy|agent\\b|tools|url|parser|insight|optimize|capture|download|advisor|analyzer|audit|transcoder|\(\?<!lib\)http|\\\.com\\b|catch|classifier|detect|discovery|measure)/;

const isBot = createIsbotFromList(BOT_PATTERNS);
const isEvidentBot = createIsbotFromList(
  BOT_PATTERNS.filter((pattern) => !EVERYDAY_WORDS.test(pattern)),
);

/** Matches what crawlers add to their name. */
const DRESSED_UP = /^Mozilla\/|:\/\/|\bwww\.|@|compatible;/i;

/** Matches what crawlers and monitors say in their names. */
const CRAWLER_NAME = /bot|crawl|spider|scrap|monitor|check|scan|fetch|preview/i;
/** Names of SDKs and of mobile applications. */
const SDK_NAME =
  /^(?:@[\w.-]+\/|(?:com|org|net|io|de)\.[\w.]+$|(?:.*[-_.])?(?:sdk|client|js|node|py|python|ruby|rb|go|php|java|rust|dotnet)(?:$|[-_.]))/i;
const OWN_PLATFORMS = [
  ['iOS', /\b(?:iPhone|iPad|iPod|iOS)\b/i],
  ['macOS', /\bMac_OS_X\b/i],
  ['Windows', /\bWindows\b|_Windows_NT_/i],
] as const;
/** Matches the device on which an application says that a person uses it. */
const PERSONAL_DEVICE = /\b(?:iPhone|iPad|iPod|iOS|watchOS|Android|Windows|macOS|Mac OS X)\b/i;

const BOT_TOKEN =
  /(?<![\w.!/:@-])([\w.!-]*(?:bot|crawl|spider|monitor|check|scan|fetch|preview)[\w.-]*)(?:[/ ]v?(\d[\w.-]*))?/i;
const COMPATIBLE = /compatible; ?(?!MSIE)([\w.!-]+)(?:[/ ]v?(\d[\w.-]*))?/i;
const FIRST_TOKEN = /^(?!Mozilla\b)([\w.!-]+)(?:[/ ]v?(\d[\w.-]*))?/i;

/** Names of platforms that ua-parser-js copies from the header or spells unlike their vendor. */
const PLATFORMS: Readonly<Record<string, string>> = {
  'mac os': 'macOS',
  'chromium os': 'ChromeOS',
  linux: 'Linux',
  ubuntu: 'Ubuntu',
  debian: 'Debian',
  fedora: 'Fedora',
  redhat: 'RedHat',
  centos: 'CentOS',
  suse: 'SUSE',
  windows: 'Windows',
  android: 'Android',
};

const parser = new UAParser('');

/** Identifies the client of a `User-Agent` header that is not empty and within its limit. */
export function parseUserAgent(header: string): ParsedUserAgent {
  parser.setUA(header);
  const os = parser.getOS().name;
  const platform = os === undefined ? platformIn(header) : (PLATFORMS[os.toLowerCase()] ?? os);
  const application = findApplication(header);
  const found =
    findLibrary(header, application) ??
    service(header) ??
    named(NAMED_BOTS, header, 'bot') ??
    findUnnamedBot(header, application) ??
    findBrowser(application) ??
    asFound(application, 'unknown') ??
    tokenIn(header, [FIRST_TOKEN], 'unknown') ??
    UNKNOWN;
  return { ...found, platform };
}

type Found = Omit<ParsedUserAgent, 'platform'>;

const UNKNOWN: Found = { browser: null, version: null, kind: 'unknown' };

/** A library, or the application that names itself before it. */
function findLibrary(header: string, application: NamedApplication | null): Found | undefined {
  const found = named(API_CLIENTS, header, 'library');
  return found && (asFound(application, 'library') ?? found);
}

function asFound(application: NamedApplication | null, kind: UserAgentKind): Found | undefined {
  if (application === null) return undefined;
  const { name, version, usesLibrary } = application;
  return { browser: name, version, kind: usesLibrary ? 'library' : kind };
}

function named(
  clients: readonly NamedClient[],
  header: string,
  kind: UserAgentKind,
): Found | undefined {
  let found: Found | undefined;
  let at = Infinity;
  for (const { name, pattern } of clients) {
    const match = pattern.exec(header);
    // The first name in a header is the client's own; later ones say what it resembles or serves.
    if (match && match.index < at) {
      at = match.index;
      found = { browser: name, version: match[1] ?? null, kind };
    }
  }
  return found;
}

function service(header: string): Found | undefined {
  const known = named(NAMED_SERVICES, header, 'service');
  if (known) return known;
  // Text in brackets is not the name. A crawler may mention webhooks there.
  const name = header.split(' (', 1)[0] ?? '';
  return DRESSED_UP.test(name) ? undefined : tokenIn(name, [SERVICE_TOKEN], 'service');
}

function findUnnamedBot(header: string, application: NamedApplication | null): Found | undefined {
  if (!isBot(header)) return undefined;
  if (application !== null && isOfPerson(application.name, header)) return undefined;
  if (!DRESSED_UP.test(header) && !isEvidentBot(header)) return undefined;
  return (
    tokenIn(header, [BOT_TOKEN, COMPATIBLE, FIRST_TOKEN], 'bot') ?? { ...UNKNOWN, kind: 'bot' }
  );
}

/** Whether an application is an SDK, or one on the device of a person, and no crawler by its name. */
function isOfPerson(name: string, header: string): boolean {
  return !CRAWLER_NAME.test(name) && (SDK_NAME.test(name) || PERSONAL_DEVICE.test(header));
}

/** The platform in those headers of applications that no browser has. */
function platformIn(header: string): string | null {
  return OWN_PLATFORMS.find(([, pattern]) => pattern.test(header))?.[0] ?? null;
}

/** A browser, or the application that shows pages in one and names itself before it. */
function findBrowser(application: NamedApplication | null): Found | undefined {
  const { name, version } = parser.getBrowser();
  if (name === undefined) return undefined;
  const isOwn = application !== null && !isSameName(application.name, name);
  return isOwn
    ? { browser: application.name, version: application.version, kind: 'browser' }
    : { browser: name, version: version ?? null, kind: 'browser' };
}

function isSameName(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  return a.includes(b) || b.includes(a);
}

function tokenIn(
  header: string,
  patterns: readonly RegExp[],
  kind: UserAgentKind,
): Found | undefined {
  for (const pattern of patterns) {
    const match = pattern.exec(header);
    if (match) return { browser: match[1] ?? null, version: match[2] ?? null, kind };
  }
  return undefined;
}
