import { Controller, Get, Module } from '@nestjs/common';
import {
  MemoryStorage,
  sumVisitors,
  TrackUsage,
  TrackUsageModule,
  UsageService,
} from 'nestjs-track-usage';

@TrackUsage()
@Controller('cats')
export class CatsController {
  @Get()
  findAll() {
    return ['Maru', 'Félix'];
  }
}

@Controller('usage')
export class UsageController {
  constructor(private readonly usage: UsageService) {}

  @Get('visitors')
  async visitors() {
    await this.usage.flush();
    return this.usage.getSum(sumVisitors, { order: 'hits' });
  }
}

@Module({
  imports: [
    TrackUsageModule.forRoot({
      storages: [new MemoryStorage({ hooks: [sumVisitors] })],
      // By cookie, or, with VISITORS=daily, without one.
      ...(process.env.VISITORS === 'daily' ? { visitors: 'daily' as const } : { cookie: true }),
    }),
  ],
  controllers: [CatsController, UsageController],
})
export class AppModule {}
