import { Body, Controller, Get, Post, Req, Res, Sse, StreamableFile } from '@nestjs/common';
import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { concat, from, map, NEVER, Observable, of, throwError } from 'rxjs';
import { TrackUsage } from 'nestjs-track-usage';
import { requestText } from '../support/http-text.js';
import type { RawClient } from '../support/raw-client.js';
import { handled, unknownHandler, type Scenario } from '../support/scenario.js';
import { Signals } from '../support/signals.js';

const rawOf = (response: any): ServerResponse => response.raw ?? response;
const messages = () => from([1, 2, 3, 4, 5]).pipe(map((n) => ({ data: String(n) })));
const LAST_CHUNK = '\r\n0\r\n\r\n';
const BIG = 32 * 1024 * 1024;

@TrackUsage()
@Controller('streams')
class Streams {
  constructor(private readonly signals: Signals) {}

  @Sse('sse') sse() {
    return messages();
  }
  @Sse('sse-forever') sseForever() {
    return concat(messages(), NEVER);
  }
  @Sse('sse-silent') sseSilent() {
    this.signals.give('reached');
    return NEVER;
  }
  @Sse('sse-error') sseError(): Observable<MessageEvent> {
    return concat(
      of({ data: '1' } as MessageEvent),
      throwError(() => new Error('the source broke')),
    );
  }
  @Get('broken-before') brokenBefore() {
    return new StreamableFile(
      new Readable({
        read() {
          this.destroy(new Error('broken before it began'));
        },
      }),
    );
  }
  @Get('broken-half-way') brokenHalfWay() {
    const { signals } = this;
    let sent = false;
    return new StreamableFile(
      new Readable({
        read() {
          if (!sent) {
            sent = true;
            this.push(Buffer.alloc(1000, 'a'));
          } else {
            void signals.wait('client has some').then(() => this.destroy(new Error('broken')));
          }
        },
      }),
    );
  }
  @Get('endless') endless() {
    let left = 100_000;
    return new StreamableFile(
      new Readable({
        read() {
          this.push(left-- > 0 ? Buffer.alloc(16_384, 'x') : null);
        },
      }),
    );
  }
  @Get('big') big() {
    return new StreamableFile(Buffer.alloc(BIG, 'x'));
  }
  @Get('gated') async gated(@Res() response: any) {
    const raw = rawOf(response);
    raw.write('first');
    this.signals.give('reached');
    await this.signals.wait('go on');
    raw.end('last');
  }
  @Get('never') never() {
    this.signals.give('reached');
    return new Promise(() => undefined);
  }
  @Get('flushed') flushed(@Res() response: any) {
    const raw = rawOf(response);
    raw.writeHead(202).flushHeaders();
    raw.statusCode = 500;
  }
  @Get('unsent') unsent(@Res() response: any) {
    rawOf(response).writeHead(202);
    this.signals.give('reached');
  }
  @Get('hinted') hinted(@Res() response: any) {
    rawOf(response).writeEarlyHints({ link: '</cats.css>; rel=preload' });
  }
  @Get('slow') async slow(@Req() request: any) {
    this.signals.give('reached');
    await once((request.raw ?? request).socket, 'close');
    return 'too late';
  }
  @Get('ended-by-peer') async endedByPeer(@Req() request: any) {
    this.signals.give('reached');
    await once((request.raw ?? request).socket, 'end');
    return 'nobody listens';
  }
  @Get('destroyed') destroyed(@Res() response: any) {
    const raw = rawOf(response);
    raw.write('some');
    void this.signals.wait('client has some').then(() => raw.destroy());
  }
  @Get('stalled') stalled(@Res() response: any) {
    const raw = rawOf(response);
    raw.setHeader('connection', 'close');
    raw.end(Buffer.alloc(BIG, 'x'));
    void this.signals.wait('give up').then(() => raw.socket?.destroy());
  }
  @Post('upload') upload(@Body() body: unknown) {
    return body;
  }
}

const at = (place: string, path: string, status: number, more = {}) =>
  handled(`Streams.${place}`, `/streams/${path}`, status, more);

/** Asks, and leaves when the answer holds `text`, after which the server sends nothing. */
const leaveAt = (line: string, text: string) => async (client: RawClient) => {
  const connection = await client.open();
  connection.send(requestText(line));
  await connection.until(text);
  return connection.leave();
};

/** Asks, tells the handler when the answer holds `text`, and takes what comes then. */
const confirm = (line: string, text: string) => async (client: RawClient) => {
  const connection = await client.open();
  connection.send(requestText(line));
  await connection.until(text);
  client.signals.give('client has some');
  return connection.toEnd();
};

/** Asks, waits until the handler has been reached, and leaves. */
const leaveUnanswered = (line: string) => async (client: RawClient) => {
  const connection = await client.open();
  connection.send(requestText(line));
  await client.signals.wait('reached');
  return connection.leave();
};

export const streams: Scenario = {
  title: 'Streams and clients that leave',
  controllers: [Streams],
  cases: [
    {
      title: 'Server-Sent Events, ended by the server after 5 messages',
      send: leaveAt('GET /streams/sse', LAST_CHUNK),
      record: at('sse', 'sse', 200),
    },
    {
      title: 'Server-Sent Events, ended by the client',
      send: leaveAt('GET /streams/sse-forever', 'data: 5\n\n\r\n'),
      record: at('sseForever', 'sse-forever', 200, { outcome: 'aborted' }),
    },
    {
      title: 'Server-Sent Events, left before the first message',
      send: leaveAt('GET /streams/sse-silent', '\r\n\r\n1\r\n\n\r\n'),
      record: at('sseSilent', 'sse-silent', 200, { outcome: 'aborted' }),
    },
    {
      title: 'Server-Sent Events whose source breaks',
      send: leaveAt('GET /streams/sse-error', LAST_CHUNK),
      record: at('sseError', 'sse-error', 200),
    },
    {
      title: 'A stream that fails before it begins',
      send: 'GET /streams/broken-before',
      record: at('brokenBefore', 'broken-before', 400),
      only: 'express',
    },
    {
      title: 'A stream that fails before it begins',
      send: 'GET /streams/broken-before',
      record: at('brokenBefore', 'broken-before', 500),
      only: 'fastify',
    },
    {
      title: 'A stream that fails half-way',
      send: confirm('GET /streams/broken-half-way', 'a'.repeat(1000)),
      record: at('brokenHalfWay', 'broken-half-way', 200, {
        outcome: 'aborted',
        contentLength: 1000,
      }),
    },
    {
      title: 'A long answer that the client leaves',
      send: async (client) => {
        const connection = await client.open();
        connection.send(requestText('GET /streams/endless'));
        await connection.untilLength(50_000);
        return (await connection.leave()).subarray(0, 50_000);
      },
      record: at('endless', 'endless', 200, {
        outcome: 'aborted',
        contentLength: expectBetween(49_000, 1_000_000_000),
      }),
    },
    {
      title: 'A long answer that the client takes',
      send: 'GET /streams/big',
      record: at('big', 'big', 200, { contentLength: BIG }),
    },
    {
      title: 'The client leaves before there is an answer: 499',
      send: leaveUnanswered('GET /streams/slow'),
      record: at('slow', 'slow', 499, { outcome: 'aborted', contentLength: 0 }),
    },
    {
      title: 'A handler that never answers, the client leaves: 499',
      send: leaveUnanswered('GET /streams/never'),
      record: at('never', 'never', 499, { outcome: 'aborted', contentLength: 0 }),
    },
    {
      title: 'The client leaves when it has the head',
      send: leaveAt('GET /streams/flushed', '\r\n\r\n'),
      record: at('flushed', 'flushed', 202, { outcome: 'aborted', contentLength: 0 }),
    },
    {
      title: 'The client leaves before the head, which was written down, has left: 499',
      send: leaveUnanswered('GET /streams/unsent'),
      record: at('unsent', 'unsent', 499, { outcome: 'aborted', contentLength: 0 }),
    },
    {
      title: 'The client leaves after 103: 499',
      send: leaveAt('GET /streams/hinted', '\r\n\r\n'),
      record: at('hinted', 'hinted', 499, { outcome: 'aborted', contentLength: 0 }),
    },
    {
      title: 'A response that the handler destroys',
      send: confirm('GET /streams/destroyed', 'some'),
      record: at('destroyed', 'destroyed', 200, { outcome: 'aborted', contentLength: 4 }),
    },
    {
      title: 'An answer that is stuck when the server gives it up',
      send: async (client) => {
        const connection = await client.open();
        connection.send(requestText('GET /streams/stalled'));
        await connection.untilLength(50_000);
        connection.socket.pause();
        client.signals.give('give up');
        connection.socket.resume();
        return (await connection.toEnd()).subarray(0, 50_000);
      },
      record: at('stalled', 'stalled', 200, {
        outcome: 'aborted',
        contentLength: expectBetween(49_000, BIG - 1),
      }),
    },
    {
      title: 'The client ends its side before there is an answer, so Node sends none: 499',
      send: async (client) => {
        const connection = await client.open();
        connection.send(requestText('GET /streams/ended-by-peer'));
        await client.signals.wait('reached');
        connection.socket.end();
        return connection.toEnd();
      },
      record: at('endedByPeer', 'ended-by-peer', 499, { outcome: 'aborted', contentLength: 0 }),
    },
    {
      title: 'A request whose body is never finished: 499',
      method: 'POST',
      send: async (client) => {
        const connection = await client.open();
        connection.send(
          'POST /streams/upload HTTP/1.1\r\nhost: shop.example\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"half":',
        );
        await client.signals.wait('request came');
        return connection.leave();
      },
      record: unknownHandler(499, { outcome: 'aborted', contentLength: 0 }),
    },
  ],
  prepare: (app) => {
    const signals = app.get(Signals);
    (app.getHttpServer() as Server).on('request', ({ method }) => {
      if (method === 'POST') signals.give('request came');
    });
  },
};

/** Nothing is sent in time, so Node gives the connection up. */
export const timeouts: Scenario = {
  title: 'Sockets that time out',
  controllers: [Streams],
  // Not before the handler has done what it does, however slow the machine is.
  prepare: (app) => {
    const signals = app.get(Signals);
    (app.getHttpServer() as Server).on('request', ({ socket }) => {
      void signals.wait('reached').then(() => socket.setTimeout(20));
    });
  },
  cases: [
    {
      title: 'A handler that never answers, the socket times out: 499',
      send: 'GET /streams/never',
      record: at('never', 'never', 499, { outcome: 'aborted', contentLength: 0 }),
    },
    {
      title: 'An answer that stops half-way, the socket times out',
      send: 'GET /streams/gated',
      record: at('gated', 'gated', 200, { outcome: 'aborted', contentLength: 5 }),
    },
  ],
};

function expectBetween(low: number, high: number): number {
  return {
    asymmetricMatch: (value: unknown) => typeof value === 'number' && value >= low && value <= high,
    toString: () => `between ${low} and ${high}`,
  } as unknown as number;
}
