import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Answer } from './answer.js';

/** What Fastify's reply has and Express's response has not. */
interface FastifyReply {
  readonly raw: ServerResponse;
  code(status: number): void;
  headers(headers: Record<string, string>): void;
  send(body: string | Readable): unknown;
}

export type PlatformResponse = ServerResponse | FastifyReply;

/** Node's response under that of the framework. */
export function rawResponse(response: PlatformResponse): ServerResponse {
  return 'raw' in response ? response.raw : response;
}

/**
 * Sends an answer through the framework, so that what the application has added to its answers, such
 * as compression, acts on it. Returns before a stream has ended: interceptors that limit the time of
 * a handler do not cut it. A stream that fails cuts the connection, so that no client takes a part
 * for the whole.
 */
export function sendAnswer(response: PlatformResponse, { status, headers, body }: Answer): void {
  if ('raw' in response) {
    response.code(status);
    response.headers({ ...headers });
    void response.send(typeof body === 'string' ? body : destroyedWith(response.raw, body));
    return;
  }
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (typeof body === 'string') response.end(body);
  else pipeline(Readable.from(body), response).catch(() => response.destroy());
}

function destroyedWith(raw: ServerResponse, body: AsyncIterable<string>): Readable {
  const stream = Readable.from(body);
  // Fastify stops reading at an error, but may leave the connection open.
  stream.on('error', () => raw.destroy());
  raw.once('close', () => stream.destroy());
  return stream;
}
