import { createHash } from 'node:crypto';

// Put together from pieces, so that nobody who searches a repository for keys finds these.
const letters = createHash('sha512').update('not a key').digest('base64').replace(/\W/g, '');
const hex = createHash('sha512').update('not a key').digest('hex');
const capitals = letters.toUpperCase();
const jwt = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

const HEADER = jwt({ alg: 'HS256', typ: 'JWT' });
const PAYLOAD = jwt({ sub: '1234567890', name: 'Ann' });

/** Keys in the forms that their issuers give them, by the issuer's name. */
export const KNOWN_KEYS: Readonly<Record<string, string>> = {
  'Stripe, live': ['sk', 'live', letters.slice(0, 24)].join('_'),
  'Stripe, short': ['sk', 'live', letters.slice(0, 8)].join('_'),
  'Stripe, test': ['sk', 'test', letters.slice(0, 99)].join('_'),
  'Stripe, restricted': ['rk', 'live', letters.slice(0, 24)].join('_'),
  'Stripe, webhooks': `whsec_${letters.slice(0, 32)}`,
  Square: `sq0atp-${letters.slice(0, 22)}`,
  GitHub: `ghp_${letters.slice(0, 36)}`,
  'GitHub, OAuth': `gho_${letters.slice(0, 36)}`,
  'GitHub, application': `ghs_${letters.slice(0, 36)}`,
  'GitHub, fine-grained': `github_pat_11${capitals.slice(0, 20)}_${letters.slice(0, 59)}`,
  GitLab: `glpat-${letters.slice(0, 20)}`,
  'GitLab, routable': `glpat-${letters.slice(0, 27)}.01.${letters.slice(3, 12)}`,
  Atlassian: `ATATT3${letters.slice(0, 60)}`,
  npm: `npm_${letters.slice(0, 36)}`,
  PyPI: `pypi-AgEIcHlwaS5vcmc${letters.slice(0, 60)}`,
  Docker: `dckr_pat_${letters.slice(0, 27)}`,
  Amazon: `AKIA${capitals.slice(0, 16)}`,
  'Amazon, temporary': `ASIA${capitals.slice(0, 16)}`,
  Google: `AIza${letters.slice(0, 35)}`,
  'Google, OAuth': `ya29.${letters.slice(0, 60)}`,
  'Google, client': `GOCSPX-${letters.slice(0, 28)}`,
  DigitalOcean: `dop_v1_${hex.slice(0, 64)}`,
  Databricks: `dapi${hex.slice(0, 32)}`,
  Vault: `hvs.${letters.slice(0, 40)}`,
  Supabase: `sbp_${hex.slice(0, 40)}`,
  'Slack, bot': `xoxb-123456789012-1234567890123-${letters.slice(0, 24)}`,
  'Slack, user': `xoxp-123456789012-${letters.slice(0, 24)}`,
  'Slack, application': `xapp-1-A0123456789-1234567890123-${hex.slice(0, 40)}`,
  Telegram: `123456789:AA${letters.slice(0, 33)}`,
  Twilio: `SK${hex.slice(0, 32)}`,
  SendGrid: `SG.${letters.slice(0, 22)}.${letters.slice(0, 43)}`,
  Mailgun: `key-${hex.slice(0, 32)}`,
  Shopify: `shpat_${hex.slice(0, 32)}`,
  'Shopify, secret': `shpss_${hex.slice(0, 32)}`,
  Notion: `secret_${letters.slice(0, 43)}`,
  Linear: `lin_api_${letters.slice(0, 40)}`,
  Grafana: `glsa_${letters.slice(0, 32)}_${hex.slice(0, 8)}`,
  'New Relic': `NRAK-${capitals.slice(0, 27)}`,
  Sentry: `sntrys_${letters.slice(0, 60)}`,
  Postman: `PMAK-${hex.slice(0, 24)}-${hex.slice(0, 34)}`,
  OpenAI: `sk-${letters.slice(0, 48)}`,
  'OpenAI, project': `sk-proj-${letters.slice(0, 40)}_${letters.slice(0, 20)}`,
  Anthropic: `sk-ant-api03-${letters.slice(0, 60)}-AA`,
  'Hugging Face': `hf_${letters.slice(0, 34)}`,
  Groq: `gsk_${letters.slice(0, 52)}`,
  'a signed JWT': `${HEADER}.${PAYLOAD}.${letters.slice(0, 43)}`,
  'a JWT without a signature': `${HEADER}.${PAYLOAD}.`,
  'an encrypted JWT': `${HEADER}..${letters.slice(0, 16)}.${letters.slice(0, 60)}.${letters.slice(0, 22)}`,
  Braintree: `access_token$production$${letters.slice(0, 16)}$${hex.slice(0, 32)}`,
  Alibaba: `LTAI${letters.slice(0, 20)}`,
  Tailscale: `tskey-auth-${letters.slice(0, 12)}CNTRL-${letters.slice(0, 32)}`,
  Facebook: `EAAC${letters.slice(0, 80)}`,
  age: `AGE-SECRET-KEY-1${capitals.slice(0, 58)}`,
  Mapbox: `sk.${PAYLOAD}.${letters.slice(0, 22)}`,
};

/** Text that has something of a key's form, and is none. */
export const NO_KEYS: readonly string[] = [
  ...['skill_live', 'risk_live_view', 'sk_live_', 'sk_live', 'ghp', 'ghp_', 'ghp_list', 'xoxb'],
  ...['task_test_framework_v2', 'disk_live_migration_status', 'npm_config_registry', 'npm_package'],
  ...['pypi-publish-to-warehouse', 'key-value-store', 'key-0193588e', 'sk-SK', 'sk-bratislava-old'],
  ...['secret_santa_2026', 'hf_space', 'lin_reg_model', 'AKIA', 'AKIAS', 'eyJ', 'eyJhbGci.json'],
  ...['SG.example.com', 'dp.example', 'patio-furniture', 'glass-table', 'glpat', 'shpat_'],
  ...['0193588e-7d1c-7a3b-8f2e-5b6c7d8e9f01', '9b74c9897bac770ffc029102a200c5de', hex],
  ...['507f1f77bcf86cd799439011', '01ARZ3NDEKTSV4RRFFQ69G5FAV', 'cus_NffrFeUfNV2Hib', letters],
  ...['pi_3MtwBwLkdIwHu7ix28a3tqPa', 'price_1MoBy5LkdIwHu7ixZhnattbh', 'order_id_1234567890abcdef'],
  ...['com.example.shop.orders.OrderService', 'a-rather-long-slug-of-an-article-about-cats-2026'],
  ...[`W/"${hex.slice(0, 40)}"`, '2026-11-28T20:33:00.000Z', 'xn--bcher-kva.example', 'whsec'],
  `data:image/png;base64,iVBORw0KGgo${Buffer.from(hex).toString('base64')}`,
];
