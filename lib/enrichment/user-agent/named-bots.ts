import { byProduct, type NamedClient } from './named-client.js';

const SEARCH = byProduct(
  ...['Googlebot-Image', 'Googlebot-News', 'Googlebot-Video', 'AdsBot-Google-Mobile'],
  ...['AdsBot-Google', 'Mediapartners-Google', 'Google-InspectionTool'],
  ...['GoogleOther-Image', 'GoogleOther-Video', 'GoogleOther', 'Storebot-Google'],
  ...[
    'FeedFetcher-Google',
    'Google-Read-Aloud',
    'Google-Site-Verification',
    'Google-CloudVertexBot',
  ],
  ...['Googlebot', 'adidxbot', 'BingPreview', 'bingbot', 'msnbot-media', 'msnbot'],
  ...['YandexImages', 'YandexMobileBot', 'YandexMetrika', 'YandexBot', 'Baiduspider-render'],
  ...[
    'Baiduspider-image',
    'Baiduspider',
    'DuckDuckBot',
    'DuckAssistBot',
    'Yahoo! Slurp',
    'Applebot',
  ],
  ...['PetalBot', 'Sogou web spider', 'SeznamBot', 'Qwantbot', 'Qwantify', 'MojeekBot', 'Exabot'],
  ...['coccocbot-web', 'Yeti', 'Daum', 'yacybot', 'archive.org_bot', 'ia_archiver'],
);

const MODELS = byProduct(
  ...['GPTBot', 'ChatGPT-User', 'OAI-SearchBot', 'ClaudeBot', 'Claude-User', 'Claude-SearchBot'],
  ...['Claude-Web', 'anthropic-ai', 'PerplexityBot', 'Perplexity-User', 'CCBot', 'Bytespider'],
  ...['Amazonbot', 'cohere-ai', 'Diffbot', 'YouBot', 'AI2Bot', 'Timpibot', 'ImagesiftBot'],
  ...['omgilibot', 'omgili', 'MistralAI-User', 'meta-externalagent', 'meta-externalfetcher'],
);

const PREVIEWS = byProduct(
  ...['facebookexternalhit', 'facebookcatalog', 'FacebookBot', 'Twitterbot', 'LinkedInBot'],
  ...['Pinterestbot', 'Slackbot-LinkExpanding', 'Slack-ImgProxy', 'Discordbot'],
  ...['TelegramBot', 'WhatsApp', 'SkypeUriPreview', 'redditbot', 'vkShare', 'Embedly', 'Iframely'],
);

const SITE_AUDITS = byProduct(
  ...[
    'SemrushBot',
    'SiteAuditBot',
    'AhrefsSiteAudit',
    'AhrefsBot',
    'MJ12bot',
    'DotBot',
    'rogerbot',
  ],
  ...['BLEXBot', 'DataForSeoBot', 'serpstatbot', 'Screaming Frog SEO Spider', 'SEOkicks'],
  ...['Chrome-Lighthouse', 'W3C_Validator', 'CensysInspect', 'zgrab', 'masscan', 'Nuclei', 'Nikto'],
  ...[
    'InternetMeasurement',
    'Expanse',
    'Scrapy',
    'Nutch',
    'heritrix',
    'PhantomJS',
    'HeadlessChrome',
  ],
  ...['Feedly', 'Feedbin', 'Tiny Tiny RSS', 'NetNewsWire', 'FreshRSS', 'Miniflux', 'Inoreader'],
);

const MONITORS = byProduct(
  ...['ELB-HealthChecker', 'Amazon-Route53-Health-Check-Service', 'GoogleHC', 'kube-probe'],
  ...['GoogleStackdriverMonitoring-UptimeChecks', 'Blackbox Exporter', 'Prometheus'],
  ...['Consul Health Check', 'check_http', 'Zabbix', 'UptimeRobot', 'StatusCake', 'Site24x7'],
  ...['Better Uptime Bot', 'Datadog/Synthetics', 'DatadogSynthetics', 'NewRelicPinger'],
  ...['Cloudflare-Healthchecks', 'Cloudflare-Traffic-Manager', 'Edge Health Probe'],
  ...['Load Balancer Agent', 'updown.io', 'HetrixTools', 'Uptime-Kuma', 'Checkly', 'Freshping'],
);

/** Crawlers, previewers and monitors by name. Longer names come before shorter ones. */
export const NAMED_BOTS: readonly NamedClient[] = [
  ...MONITORS,
  ...MODELS,
  ...SEARCH,
  ...PREVIEWS,
  ...SITE_AUDITS,
  { name: 'Pingdom', pattern: /pingdom\.com_bot_version_([\d.]+)/i },
  { name: 'Pingdom', pattern: /\bPingdom(?:TMS|PageSpeed)?(?:\/([\d.]+))?/i },
  { name: 'Nmap', pattern: /nmap scripting engine/i },
];
