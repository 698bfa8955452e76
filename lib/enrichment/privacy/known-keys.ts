import { percentDecode } from '../text-decoding.js';

const MAX_DECODINGS = 5;
const ENCODED = /%[0-9a-f]{2}/i;

/** Matches the start of a word, also right after an escape: `%3Dsk_live_…`, `\nsk_live_…`. */
const WORD_START =
  '(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2})|(?<=\\\\[bfnrt])|(?<=\\\\u[0-9A-Fa-f]{4}))';

/**
 * The forms of keys that have a prefix of their issuer, which distinguishes them from other text.
 *
 * A pattern requires as many characters as its prefix makes necessary: a few after a prefix that
 * nothing else begins with, the key's whole length after a word such as `npm_` or `key-`. No
 * pattern fails after more than about 200 characters, so that no text makes the search quadratic.
 */
const KEY_PATTERNS = [
  // Payments: Stripe and services with similar keys, Square, Razorpay, Braintree.
  '[sr]k_(?:live|test)_[A-Za-z0-9]{6,}',
  'whsec_[A-Za-z0-9+/=_-]{8,}',
  'sq0(?:atp|csp)-[\\w-]{16,}',
  'rzp_(?:live|test)_[A-Za-z0-9]{10,}',
  'access_token\\$(?:production|sandbox)\\$[A-Za-z0-9$]{20,}',
  // Source code: GitHub, GitLab, Bitbucket and Atlassian, npm, PyPI, RubyGems, Docker.
  'gh[pousr]_[A-Za-z0-9]{8,}',
  'github_pat_[A-Za-z0-9_]{8,}',
  'gl(?:pat|oas|dt|rt|rtr|cbt|ptt|ft|imt|agent|soat|ffct)-[\\w.-]{8,}',
  'AT(?:ATT3|CTT3|BB)[\\w=-]{20,}',
  'npm_[A-Za-z0-9]{30,}',
  'pypi-(?:AgE[\\w-]{8,}|[\\w-]{50,})',
  'rubygems_[0-9a-f]{32,}',
  'dckr_(?:pat|oat)_[\\w-]{16,}',
  // Clouds: Amazon, Google, DigitalOcean, Heroku, Databricks, HashiCorp, Supabase, Netlify …
  'A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{16}(?![A-Za-z0-9])',
  'AIza[\\w-]{30,}',
  'ya29\\.[\\w-]{16,}',
  'GOCSPX-[\\w-]{16,}',
  'do[opr]_v1_[0-9a-f]{16,}',
  'HRKU-[\\w-]{20,}',
  'dapi[0-9a-f]{32}',
  'hv[sbr]\\.[\\w-]{20,}',
  'sb(?:p_[0-9a-f]{32,}|_secret_[\\w-]{16,})',
  'nfp_[A-Za-z0-9]{30,}',
  'pscale_(?:tkn|oauth|pw)_[\\w.-]{16,}',
  'pul-[0-9a-f]{40}',
  'LTAI[A-Za-z0-9]{12,20}(?![A-Za-z0-9])',
  'tskey-[a-z]+-[A-Za-z0-9-]{12,}',
  // Messages and mail: Slack, Telegram, Twilio, SendGrid, Mailgun, Brevo, Resend, Facebook.
  'xox[a-z](?:\\.xox[a-z])?-[\\w-]{8,}',
  'xapp-\\d-[\\w-]{8,}',
  '\\d{8,10}:AA[\\w-]{32,}',
  'SK[0-9a-f]{32}(?![A-Za-z0-9])',
  'SG\\.[\\w-]{16,64}\\.[\\w-]{16,}',
  'key-[0-9a-f]{32}(?![A-Za-z0-9])',
  'xkeysib-[0-9a-f]{32,}[\\w-]*',
  'EAA[A-Za-z0-9_-]{40,}',
  're_[A-Za-z0-9]{8,16}_[A-Za-z0-9]{16,}',
  // Shops and offices: Shopify, Airtable, Notion, Linear, HubSpot, Figma, Contentful.
  'shp(?:at|ca|pa|ss|ua|pka|tka)_[A-Za-z0-9]{8,}',
  'pat[A-Za-z0-9]{14}\\.[0-9a-f]{40,}',
  '(?:secret_|ntn_)[A-Za-z0-9]{40,}',
  'lin_(?:api|oauth)_[A-Za-z0-9]{16,}',
  'pat-(?:na|eu|ap)\\d-[0-9a-f-]{30,}',
  'fig[dour]_[\\w-]{20,}',
  'CFPAT-[\\w-]{20,}',
  // Monitoring and testing: Grafana, New Relic, Sentry, Postman, Doppler.
  'gl(?:sa_[A-Za-z0-9]{20,}(?:_[0-9a-f]{8})?|c_[A-Za-z0-9+/=]{32,})',
  'NR(?:AK|II|IQ|JS|RA)-[A-Za-z0-9_-]{16,}',
  'sntry[su]_[\\w+/=.-]{20,}',
  'PMAK-[0-9a-f]{20,}(?:-[0-9a-f]+)?',
  'dp\\.(?:pt|st|ct|sa|scim|audit)\\.[A-Za-z0-9]{20,}',
  // Models: OpenAI, Anthropic, Hugging Face, Groq, Replicate, Perplexity, xAI.
  'sk-(?:[A-Za-z0-9]{20,}|(?:proj|svcacct|admin|ant|or|lf)-[\\w-]{12,})',
  'hf_[A-Za-z0-9]{20,}',
  'gsk_[A-Za-z0-9]{32,}',
  'r8_[A-Za-z0-9]{32,}',
  'pplx-[A-Za-z0-9]{32,}',
  'xai-[A-Za-z0-9]{40,}',
  // JSON Web Tokens, signed or encrypted, and Mapbox's secret tokens, which look like half of one.
  '(?:(?<![\\w-])eyJ[\\w-]{9,}|eyJ[\\w-]{9,200})\\.(?:eyJ[\\w-]*(?:\\.[\\w-]*)?|[\\w-]*(?:\\.[\\w-]*){1,3})',
  'sk\\.eyJ[\\w-]{8,200}\\.[\\w-]+',
  // Private keys as text.
  'AGE-SECRET-KEY-1[A-Z0-9]{40,}',
  '-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----[^]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----|$)',
];

const KNOWN_KEYS = new RegExp(WORD_START + `(?:${KEY_PATTERNS.join('|')})`, 'g');

/** Matches every form and little else. Text that does not match it is not searched further. */
const KEY_HINT =
  /[sr]k[_.-]|whsec_|sq0|rzp_|gh[pousr]_|github_|gl[a-z]+[-_]|AT(?:AT|CT|BB)|npm_|pypi-|gems_|dckr_|A[KSBC][IC]A|AIza|ya29|GOCSPX|do[opr]_v|HRKU|dapi|hv[sbr]\.|sb[p_]|nfp_|pscale_|pul-|xox|xapp|:AA|SK[0-9a-f]|SG\.|key-|xkeysib|re_|shp[a-z]+_|pat[A-Za-z0-9-]|secret_|ntn_|lin_|fig[dour]_|CFPAT|NR[A-Z]{2}-|sntry|PMAK|dp\.|hf_|r8_|pplx-|xai-|eyJ|-----B|access_token\$|LTAI|tskey-|EAA|AGE-S/;

/** The shortest run of letters, digits, `_` and `-` that every form contains. */
const SHORTEST_WORD = 12;

/** Replaces everything in a text that has the form of a key of a well-known service. */
export function redactKnownKeys(text: string, replacement: string): string {
  return hasLongWord(text) && KEY_HINT.test(text) ? text.replace(KNOWN_KEYS, replacement) : text;
}

/**
 * Replaces known keys in a text that may be percent-encoded, even several times. Searches the
 * decoded text first, because an encoded key is complete only there. Returns the text decoded if
 * a key was found in it.
 */
export function redactEncodedKeys(text: string, replacement: string, level = 0): string {
  if (level < MAX_DECODINGS && ENCODED.test(text)) {
    const decoded = percentDecode(text);
    const clean = redactEncodedKeys(decoded, replacement, level + 1);
    if (clean !== decoded) return clean;
  }
  return redactKnownKeys(text, replacement);
}

/**
 * Whether a text has a run of `SHORTEST_WORD` word characters. Most texts have none. The check
 * reads about every third character and costs a twentieth of the expressions above.
 */
function hasLongWord(text: string): boolean {
  let end = SHORTEST_WORD - 1;
  while (end < text.length) {
    let length = 0;
    while (length < SHORTEST_WORD && isWordCode(text.charCodeAt(end - length))) length++;
    if (length === SHORTEST_WORD) return true;
    end += SHORTEST_WORD - length;
  }
  return false;
}

function isWordCode(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 48 && code <= 57) ||
    (code >= 65 && code <= 90) ||
    code === 95 ||
    code === 45
  );
}
