const HOST = 'shop.example';
const CATS = 40;

const AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36 Edg/125.0.2535.92',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.6478.71 Mobile Safari/537.36',
  'Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'curl/8.8.0',
  'okhttp/4.12.0',
  'python-requests/2.32.3',
  'axios/1.7.2',
  'PostmanRuntime/7.39.0',
];

const LANGUAGES = ['de-CH,de;q=0.9,en;q=0.8', 'en-US,en;q=0.9', 'fr-FR', 'en-GB', 'it', 'ja-JP'];

const QUERIES = [
  '',
  '?color=black',
  '?color=red&page=2',
  '?page=3&sort=name',
  '',
  '?q=tabby%20cat',
];

/** A request of the traffic that servers are put under. */
export interface PlannedRequest {
  /** Path with the query. */
  readonly target: string;
  /** URL without the query. */
  readonly url: string;
  readonly userAgent: string;
  readonly language: string;
  readonly referrer: string | null;
}

/** The requests that are sent over and over, in this order: the same for everyone. */
export const TRAFFIC: readonly PlannedRequest[] = Array.from({ length: 360 }, (_, index) => {
  const path = `/cats/${1 + ((index * 7) % CATS)}`;
  return {
    target: path + QUERIES[index % QUERIES.length],
    url: `http://${HOST}${path}`,
    userAgent: AGENTS[(index * 5) % AGENTS.length]!,
    language: LANGUAGES[index % LANGUAGES.length]!,
    referrer: index % 3 === 0 ? `https://${HOST}/list?page=${index % 9}` : null,
  };
});

/** A request as it goes over the wire. */
export function wireOf({ target, userAgent, language, referrer }: PlannedRequest): Buffer {
  const lines = [
    `GET ${target} HTTP/1.1`,
    `Host: ${HOST}`,
    `User-Agent: ${userAgent}`,
    'Accept: application/json, text/plain, */*',
    `Accept-Language: ${language}`,
    'Accept-Encoding: gzip, deflate, br',
    ...(referrer === null ? [] : [`Referer: ${referrer}`]),
    'Connection: keep-alive',
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}
