import { byProduct, byStart as first, type NamedClient } from './named-client.js';

/** Services whose header begins with their name, alone or followed by `-` and a word. */
const withName = (...names: string[]): NamedClient[] =>
  names.map((name) => first(name, `${name.replace('.', '\\.')}(?:-[\\w-]*)?`));

const PAYMENTS: NamedClient[] = [
  { name: 'Stripe', pattern: /^Stripe\/(\d[\d.]*)(?! \w+Bindings)/i },
  { name: 'PayPal IPN', pattern: /PayPal IPN\b/i },
  { name: 'PayPal', pattern: /^PayPal(?:\/|$)/i },
  first('Adyen', 'adyen(?: ?httpclient)?'),
  first('Mollie', 'mollie(?:\\.nl)?(?: http client)?'),
  first('Square', 'square(?: connect)?'),
  ...withName(
    'Braintree',
    'Coinbase',
    'GoCardless',
    'Klarna',
    'GoPay',
    'Paddle',
    'Paystack',
    'Plaid',
  ),
  first('Recurly', 'recurly(?: webhooks)?'),
  ...withName('Chargebee', 'RevenueCat', 'Trustly', 'Flutterwave', 'Checkout.com'),
  { name: 'LemonSqueezy', pattern: /^LemonSqueezy\b/i },
  { name: 'Razorpay', pattern: /^Razorpay\b(?:-Webhook\/v?([\d.]+))?/i },
  { name: 'Worldpay', pattern: /^WJHRO\/([\d.]+)/ },
];

const CLOUDS: NamedClient[] = [
  first('Google-Cloud-Tasks'),
  first('Google-Cloud-Scheduler'),
  first('Google Cloud Workflows', 'google-?cloud-?workflows'),
  first('Google Cloud Pub/Sub', '(?:cloudpubsub-google|google-cloud-pubsub)'),
  // Push notifications of Google's APIs, Pub/Sub among them.
  first('APIs-Google'),
  first('Google-Eventarc'),
  { name: 'Google App Engine', pattern: /^AppEngine-Google\b/i },
  ...byProduct('Google-Apps-Script', 'Google-Cloud-Functions', 'Google-Dialogflow'),
  first('Amazon SNS', 'amazon simple notification service agent'),
  first('Amazon EventBridge', 'amazon\\/eventbridge\\/apidestinations'),
  { name: 'Amazon API Gateway', pattern: /^Amazon-?APIGateway(?:_\w+)?/i },
  first('Amazon CloudWatch', 'amazon cloudwatch alarms?'),
  { name: 'Azure Logic Apps', pattern: /^azure-logic-apps\/([\d.]+)/i },
  { name: 'Azure Event Grid', pattern: /^(?:microsoft[. -]?)?azure[. -]?event-?grid\b/i },
  { name: 'Azure', pattern: /^azure[\w-]*(?:\/([\d.]+))?/i },
  first('Power Automate', '(?:microsoft[. -])?(?:power ?automate|flow)'),
  first('Vercel Cron', 'vercel-cron'),
  first('Upstash QStash', 'upstash-qstash'),
  { name: 'Salesforce', pattern: /^(?:SFDC-Callout|Salesforce)\b(?:\/([\d.]+))?/i },
  first('ServiceNow'),
];

const SCHEDULERS: NamedClient[] = [
  ...byProduct('cron-job.org', 'EasyCron', 'SetCronJob', 'FastCron', 'Cronless', 'Cronhooks'),
  first('Inngest'),
  first('Trigger.dev', 'trigger\\.dev'),
  first('WP Time Capsule', 'wp time capsule api'),
];

const DEVELOPMENT: NamedClient[] = [
  // The text after the slash is a commit, not a version.
  { name: 'GitHub-Hookshot', pattern: /^GitHub-Hookshot\b/i },
  first('GitLab'),
  first('Gitea'),
  first('Forgejo'),
  first('Bitbucket-Webhooks'),
  { name: 'Atlassian', pattern: /^Atlassian (?:HttpClient|Webhook HTTP Client)\b/i },
  { name: 'Sentry', pattern: /^sentry\/([\d.]+)/i },
  first('Buildkite', 'buildkite[\\w-]*'),
  first('CircleCI', 'circleci[\\w-]*'),
  first('PagerDuty', 'pagerduty[\\w-]*'),
  first('Opsgenie', 'opsgenie(?: http client)?'),
  first('Alertmanager'),
  first('Grafana'),
  first('Datadog Webhooks', 'datadog[ /-]?webhooks?'),
];

const MESSAGES: NamedClient[] = [
  first('TwilioProxy'),
  first('Twilio', 'twilio[\\w-]*'),
  // Events, commands and interactions. Slackbot-LinkExpanding requests previews of links.
  first('Slackbot'),
  first('Slack', 'slack(?:-webhooks?)?'),
  ...byProduct('Discord-Webhook', 'Discord-Interactions'),
  first('Facebook Platform', 'facebook(?:platform|externalua)'),
  first('SendGrid', 'sendgrid(?: event api)?'),
  { name: 'Mailgun', pattern: /^mailgun\/(?:treq-)?([\d.]+)/i },
  ...withName('Mandrill', 'Mailchimp', 'Mailjet', 'Postmark', 'SparkPost', 'Plivo', 'Telnyx'),
  { name: 'Vonage', pattern: /^(?:Nexmo\/MessagingHUB|Vonage)(?:\/v?([\d.]+))?/i },
  first('Intercom', 'intercom[\\w-]*'),
  // Events for any application of its marketplace.
  first('Zoom', 'zoom marketplace'),
  { name: 'Zendesk', pattern: /^Zendesk(?: Webhook|\/External Content)?\b/i },
];

const AUTOMATION: NamedClient[] = [
  first('Zapier'),
  { name: 'IFTTT', pattern: /^IFTTT\/([\d.]+)|\bIFTTT-Protocol\b/i },
  { name: 'Make', pattern: /^(?:Make|Integromat)\/production\b/i },
  ...withName(
    'n8n',
    'Pipedream',
    'Workato',
    'Tray.io',
    'Retool',
    'Hookdeck',
    'Klaviyo',
    'Omnisend',
    'Segment',
  ),
  { name: 'Segment', pattern: /^Segment\.io\/([\d.]+)/i },
  { name: 'Svix', pattern: /^Svix-Webhooks\/([\d.]+)/i },
  { name: 'HubSpot', pattern: /^HubSpot (?:Connect|Webhooks)\b ?([\d.]+)?/i },
  { name: 'WordPress', pattern: /^WordPress\/([\w.-]+)/i },
  { name: 'WooCommerce', pattern: /^WooCommerce\/([\d.]+) Hookshot\b/i },
];

const OTHERS: NamedClient[] = [
  { name: 'Shopify', pattern: /^Shopify-Captain-Hook(?:\/([\d.]+))?/i },
  first('Shopify', 'shopify-[\\w-]+'),
  { name: 'Dropbox', pattern: /^DropboxWebhooks\/([\d.]+)/i },
  first('Box', 'box-wh-client'),
  first('OpenAI Webhooks', 'openai(?=\\/[\\d.]+ .*webhooks)'),
  first('Stape'),
  first('Contentful', 'contentful[\\w -]*'),
  first('Sanity', 'sanity\\.io webhooks?'),
];

/**
 * Machines that are configured to call an API: webhooks, schedulers and queues. The headers are
 * those that the services document, or that were observed.
 */
export const NAMED_SERVICES: readonly NamedClient[] = [
  ...PAYMENTS,
  ...CLOUDS,
  ...SCHEDULERS,
  ...DEVELOPMENT,
  ...MESSAGES,
  ...AUTOMATION,
  ...OTHERS,
];

/** Matches a client that calls itself a webhook, a callback, a cron job or a scheduler. */
export const SERVICE_TOKEN =
  /(?<![\w.:/@-])([\w.-]*(?:webhook|hookshot|callback|cron(?:job)?(?![a-z])|scheduler)[\w.-]*)(?:[/ ]v?(\d[\w.-]*))?/i;
