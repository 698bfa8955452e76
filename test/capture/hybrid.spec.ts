import { Controller, Get, type INestApplication } from '@nestjs/common';
import {
  ClientProxyFactory,
  EventPattern,
  MessagePattern,
  Transport,
  type MicroserviceOptions,
} from '@nestjs/microservices';
import { WsAdapter } from '@nestjs/platform-ws';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { firstValueFrom } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { TrackUsage } from 'nestjs-track-usage';
import { expectSameBytes } from './support/expect-same-bytes.js';
import { requestText } from './support/http-text.js';
import { ADAPTERS, MODES } from './support/scenario.js';
import { Signals } from './support/signals.js';
import { TestApplication } from './support/test-application.js';

@TrackUsage()
@Controller('mixed')
class Mixed {
  constructor(private readonly signals: Signals) {}

  @Get() index() {
    return 'http';
  }
  @MessagePattern('sum') sum(values: number[]) {
    return values.reduce((a, b) => a + b, 0);
  }
  @EventPattern('seen') seen(_data: unknown) {
    this.signals.give('event came');
  }
}

@TrackUsage()
@WebSocketGateway({ path: '/ws' })
class Gateway {
  @SubscribeMessage('echo') echo(@MessageBody() data: unknown) {
    return { event: 'echo', data };
  }
}

const hybrid = {
  controllers: [Mixed],
  providers: [Gateway],
  prepare: async (app: INestApplication) => {
    app.useWebSocketAdapter(new WsAdapter(app));
    app.connectMicroservice<MicroserviceOptions>(
      { transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 } },
      { inheritAppConfig: true },
    );
    await app.startAllMicroservices();
  },
};

describe.each(ADAPTERS)('A hybrid application on %s', (kind) => {
  describe.each(MODES)('in the %s mode', (mode) => {
    let tracked: TestApplication;
    let twin: TestApplication;
    beforeAll(async () => {
      tracked = await TestApplication.start(hybrid, kind, { mode });
      twin = await TestApplication.start(hybrid, kind, null);
    });
    afterAll(async () => {
      await tracked.close();
      await twin.close();
    });

    async function expectHttpGoesOn(): Promise<void> {
      const request = requestText('GET /mixed');
      const answer = await tracked.client().exchange(request);
      expectSameBytes(answer, await twin.client().exchange(request));
      expect(await tracked.taken()).toMatchObject([
        { blueprint: 'Mixed', handler: 'index', route: '/mixed', viewArgs: {}, status: 200 },
      ]);
    }

    it('tracks HTTP and leaves messages and events alone', async () => {
      await expectHttpGoesOn();
      const server = tracked.app.getMicroservices()[0]!.unwrap<Server>();
      const { port } = server.address() as AddressInfo;
      const client = ClientProxyFactory.create({
        transport: Transport.TCP,
        options: { host: '127.0.0.1', port },
      });
      expect(await firstValueFrom(client.send('sum', [1, 2, 3]))).toBe(6);
      await firstValueFrom(client.emit('seen', {}), { defaultValue: null });
      await tracked.signals.wait('event came');
      expect(await tracked.taken()).toEqual([]);
      await expectHttpGoesOn();
      client.close();
    });

    it('tracks HTTP and leaves WebSocket gateways alone', async () => {
      const socket = new WebSocket(`ws://127.0.0.1:${tracked.port}/ws`);
      await once(socket, 'open');
      socket.send(JSON.stringify({ event: 'echo', data: 'purr' }));
      const [message] = (await once(socket, 'message')) as [Buffer];
      expect(JSON.parse(message.toString())).toEqual({ event: 'echo', data: 'purr' });
      await expectHttpGoesOn();
      socket.close();
      await once(socket, 'close');
      expect(await tracked.taken()).toEqual([]);
    });
  });
});
