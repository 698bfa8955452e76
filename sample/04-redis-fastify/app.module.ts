import { Module } from '@nestjs/common';
import { sumRoutes, TrackUsageModule } from 'nestjs-track-usage';
import { RedisStorage } from 'nestjs-track-usage/redis';
import { CatsController } from './cats.controller.js';
import { UsageController } from './usage.controller.js';

@Module({
  imports: [
    TrackUsageModule.forRoot({
      storages: [
        new RedisStorage({
          url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379',
          keyPrefix: 'cats-usage',
          maxRecords: 100_000,
          hooks: [sumRoutes],
        }),
      ],
    }),
  ],
  controllers: [CatsController, UsageController],
})
export class AppModule {}
