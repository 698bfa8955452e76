import type { CapturedRequest } from '../../lib/record/captured-request.js';

/** What capture hands over for a plain request, with what a test changes in it. */
export function captured(changes: Partial<CapturedRequest> = {}): CapturedRequest {
  return {
    id: '0193588e-7d1c-7a3b-8f2e-5b6c7d8e9f01',
    date: Date.UTC(2026, 10, 23, 9, 30, 15, 250),
    url: 'http://shop.example/cats/1',
    method: 'GET',
    protocol: 'HTTP/1.1',
    route: '/cats/:id',
    blueprint: 'CatsController',
    handler: 'findOne',
    viewArgs: { id: '1' },
    status: 200,
    outcome: 'completed',
    speed: 1234,
    contentLength: 27,
    remoteAddr: '203.0.113.9',
    xForwardedFor: null,
    referrer: null,
    authorization: false,
    username: null,
    consumer: null,
    client: null,
    userAgent: 'curl/8.4.0',
    acceptLanguage: null,
    visitorId: null,
    optedOut: false,
    trackVar: null,
    apiVersion: null,
    traceId: null,
    weight: 1,
    storages: null,
    ...changes,
  };
}
