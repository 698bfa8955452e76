import type { NamedClient } from './named-client.js';

/**
 * Vendors' clients for their own APIs, by the headers that they send. Some begin like the header of
 * the same vendor's webhooks, so they are looked for first.
 */
export const VENDOR_SDKS: readonly NamedClient[] = [
  { name: 'Google API client', pattern: /^google-api-[a-z]+-client(?:\/([\d.]+))?/i },
  { name: 'Azure SDK', pattern: /^azsdk-[\w-]+\/([\d.]+)/i },
  { name: 'OpenAI SDK', pattern: /^(?:Async)?OpenAI\/(?:Python|JS|NodeJS|Go|Java) v?([\d.]+)/i },
  { name: 'Anthropic SDK', pattern: /^(?:Async)?Anthropic\/(?:Python|JS|Go|Java) v?([\d.]+)/i },
  { name: 'Stripe SDK', pattern: /^Stripe\/v\d \w+Bindings\/([\d.]+)/i },
  {
    name: 'Twilio SDK',
    pattern: /^twilio-(?:node|python|java|php|ruby|csharp|go)\/v?([\d.]+)/i,
  },
  { name: 'Slack SDK', pattern: /^@slack:[\w-]+\/([\d.]+)/i },
  { name: 'Braintree SDK', pattern: /^Braintree (?!Webhook)[\w.]+ ([\d.]+)/i },
  { name: 'Chargebee SDK', pattern: /^Chargebee-\w+-Client v([\d.]+)/i },
  // The crawler of that name has no version.
  { name: 'Cohere SDK', pattern: /^cohere-ai\/([\d.]+)/i },
  { name: 'Intercom SDK', pattern: /^intercom-client\/([\d.]+)/i },
  { name: 'Mailjet SDK', pattern: /^mailjet-api(?:-v\d)?-\w+\/v?([\d.]+)/i },
  { name: 'Mollie SDK', pattern: /^node\/v[\d.]+ mollie\/([\d.]+)/i },
  { name: 'PayPal SDK', pattern: /^PayPal REST API \w+ SDK, Version: ([\d.]+)/i },
  { name: 'Plaid SDK', pattern: /^Plaid (?!Webhook)\w+ v([\d.]+)/i },
  { name: 'Plivo SDK', pattern: /^plivo-(?:node|python|java|php|ruby|dotnet|go)\/v?([\d.]+)/i },
  { name: 'Postmark SDK', pattern: /^Postmark\.\w+ - ([\d.]+)/i },
  { name: 'Razorpay SDK', pattern: /^razorpay-(?:node|python|java|php|ruby|go)[@/]([\d.]+)/i },
  { name: 'Recurly SDK', pattern: /^Recurly\/([\d.]+); \w+ v?\d/i },
  { name: 'SendGrid SDK', pattern: /^sendgrid\/([\d.]+);\w+/i },
  // Its webhooks say Square Connect.
  { name: 'Square SDK', pattern: /^square\/([\d.]+)$/i },
  { name: 'Xero SDK', pattern: /^xero-(?:node|python|ruby|php|java)-([\d.]+)/i },
];
