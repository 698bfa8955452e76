import type { UsageRecord } from '../record/index.js';

type Draft = { -readonly [field in keyof UsageRecord]: UsageRecord[field] };

/**
 * A record with these fields, made by a constructor instead of a literal.
 *
 * V8 watches the objects that a literal makes, and from the time on that most of them outlive a
 * collection of the young it makes them old at once. Records that wait for their batch look like
 * that, but are garbage soon after, which nothing but a collection of the whole heap would find.
 * What constructors make is not watched. See `--trace-pretenuring`.
 */
export function plainRecord(fields: UsageRecord): UsageRecord {
  return new PlainRecord(fields);
}

const PlainRecord = function (this: Draft, fields: UsageRecord): void {
  this.id = fields.id;
  this.date = fields.date;
  this.url = fields.url;
  this.path = fields.path;
  this.method = fields.method;
  this.protocol = fields.protocol;
  this.route = fields.route;
  this.blueprint = fields.blueprint;
  this.handler = fields.handler;
  this.viewArgs = fields.viewArgs;
  this.urlArgs = fields.urlArgs;
  this.status = fields.status;
  this.outcome = fields.outcome;
  this.speed = fields.speed;
  this.contentLength = fields.contentLength;
  this.remoteAddr = fields.remoteAddr;
  this.xForwardedFor = fields.xForwardedFor;
  this.referrer = fields.referrer;
  this.authorization = fields.authorization;
  this.username = fields.username;
  this.userAgent = fields.userAgent;
  this.ipInfo = fields.ipInfo;
  this.visitorId = fields.visitorId;
  this.serverName = fields.serverName;
  this.trackVar = fields.trackVar;
  this.weight = fields.weight;
  this.consumer = fields.consumer;
  this.consumerGroup = fields.consumerGroup;
  this.service = fields.service;
  this.release = fields.release;
  this.apiVersion = fields.apiVersion;
  this.traceId = fields.traceId;
} as unknown as new (fields: UsageRecord) => UsageRecord;
// They are plain objects all the same.
PlainRecord.prototype = Object.prototype;
