import type { UsageRecord } from '../../../record/index.js';

export type Value = string | number | boolean | null;

/** What a record's value is in each dimension, said a second time. */
export const VALUES: Record<string, (record: UsageRecord) => Value> = {
  route: (record) => record.route && `${record.method} ${record.route}`,
  blueprint: (record) => record.blueprint,
  handler: (record) => record.handler,
  method: (record) => record.method,
  status: (record) => record.status,
  statusClass: (record) => `${String(record.status)[0]!}xx`,
  outcome: (record) => record.outcome,
  consumer: (record) => record.consumer,
  consumerGroup: (record) => record.consumerGroup,
  username: (record) => record.username,
  remote: (record) => record.remoteAddr,
  visitor: (record) => record.visitorId,
  userAgent: ({ userAgent: { browser, version } }) =>
    browser && [browser, ...(version ? [version.split('.')[0]!] : [])].join(' '),
  client: ({ userAgent: { browser, version } }) =>
    browser && [browser, ...(version ? [version] : [])].join(' '),
  kind: (record) => record.userAgent.kind,
  platform: (record) => record.userAgent.platform,
  language: (record) => record.userAgent.language,
  country: (record) => record.ipInfo?.country ?? null,
  server: (record) => record.serverName,
  service: (record) => record.service,
  release: (record) => record.release,
  apiVersion: (record) => record.apiVersion,
  url: (record) => record.url.split('?')[0]!,
  path: (record) => record.path,
  referrer: (record) => record.referrer && new URL(record.referrer).host,
  protocol: (record) => record.protocol,
  authorization: (record) => record.authorization,
  'trackVar.plan': (record) => textOf(record.trackVar?.['plan']),
};

function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? JSON.stringify(value) : null;
}
