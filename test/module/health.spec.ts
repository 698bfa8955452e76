import { Controller, Get } from '@nestjs/common';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { MemoryStorage, TrackUsage, UsageHealthIndicator } from 'nestjs-track-usage';
import { expect, it } from 'vitest';
import { onPlatforms } from '../support/applications.js';

@Controller()
class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly usage: UsageHealthIndicator,
  ) {}

  @HealthCheck()
  @Get('health')
  check() {
    // Below zero, so that whatever waits has waited too long.
    return this.health.check([() => this.usage.isHealthy('usage', { maxAge: -1 })]);
  }

  @TrackUsage()
  @Get('cats')
  cats() {
    return [];
  }
}

onPlatforms('a health check of @nestjs/terminus on $name', (start) => {
  it('is up while records reach their storages, and down when one does not take them', async () => {
    let fail = true;
    const storages = [
      new MemoryStorage(),
      {
        name: 'queue',
        store: async () => {
          if (fail) throw new Error('no broker');
        },
      },
    ];
    const app = await start({
      track: { storages },
      imports: [TerminusModule],
      controllers: [HealthController],
    });
    const health = async () => {
      const response = await app.fetch('/health');
      const { details } = (await response.json()) as { details: { usage: unknown } };
      return { code: response.status, usage: details.usage };
    };
    const nothing = { status: 'up', waiting: 0, oldestWaiting: null, lastError: null };
    expect(await health()).toEqual({
      code: 200,
      usage: { status: 'up', storages: { memory: nothing, queue: nothing } },
    });

    await app.fetch('/cats');
    expect(await app.usage.flush({ timeout: 1 })).toBe(false);
    expect(await health()).toMatchObject({
      code: 503,
      usage: {
        status: 'down',
        storages: {
          memory: { status: 'up', waiting: 0 },
          queue: { status: 'down', waiting: 1, lastError: 'failed' },
        },
      },
    });

    fail = false;
    expect(await app.usage.flush()).toBe(true);
    expect(await health()).toMatchObject({ code: 200, usage: { status: 'up' } });
  });
});
