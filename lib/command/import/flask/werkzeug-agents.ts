import type { UserAgentInfo, UserAgentKind } from '../../../record/index.js';

/** The names that Werkzeug gives browsers, and those that this library gives them. */
const BROWSERS: Readonly<Record<string, string>> = {
  chrome: 'Chrome',
  firefox: 'Firefox',
  safari: 'Safari',
  edge: 'Edge',
  msie: 'IE',
  opera: 'Opera',
  seamonkey: 'SeaMonkey',
  konqueror: 'Konqueror',
  galeon: 'Galeon',
  camino: 'Camino',
  netscape: 'Netscape',
  webkit: 'WebKit',
  'nokia browser': 'Nokia Browser',
  lynx: 'Lynx',
  links: 'Links',
};
const BOTS: Readonly<Record<string, string>> = {
  google: 'Googlebot',
  yahoo: 'Yahoo! Slurp',
  bing: 'bingbot',
  baidu: 'Baiduspider',
  ask: 'Ask Jeeves',
  aol: 'AOL',
};
const PLATFORMS: Readonly<Record<string, string>> = {
  windows: 'Windows',
  macos: 'macOS',
  linux: 'Linux',
  android: 'Android',
  iphone: 'iOS',
  ipad: 'iOS',
  ipod: 'iOS',
  chromeos: 'ChromeOS',
  openbsd: 'OpenBSD',
  freebsd: 'FreeBSD',
  netbsd: 'NetBSD',
  sunos: 'Solaris',
  blackberry: 'BlackBerry',
  symbian: 'Symbian',
  nintendo: 'Nintendo',
};

/** What the original keeps of an agent where it keeps no text. */
export interface WerkzeugAgent {
  readonly browser: string | null;
  readonly version: string | null;
  readonly platform: string | null;
  readonly language: string | null;
}

/** The client, by the names of this library. A name that nobody knows stays as it is. */
export function clientOf({ browser, version, platform, language }: WerkzeugAgent): UserAgentInfo {
  const name = browser?.toLowerCase() ?? '';
  const bot = BOTS[name];
  const kind: UserAgentKind = bot ? 'bot' : name === '' ? 'unknown' : 'browser';
  return {
    browser: bot ?? BROWSERS[name] ?? browser,
    version,
    platform: PLATFORMS[platform?.toLowerCase() ?? ''] ?? platform,
    language,
    string: null,
    kind,
  };
}
