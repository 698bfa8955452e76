import { Module } from '@nestjs/common';
import { sumBasic, sumRoutes, TrackUsageModule } from 'nestjs-track-usage';
import { ClickHouseStorage } from 'nestjs-track-usage/clickhouse';
import { CatsController } from './cats.controller.js';
import { UsageController } from './usage.controller.js';

@Module({
  imports: [
    TrackUsageModule.forRoot({
      storages: [
        new ClickHouseStorage({
          url: process.env.CLICKHOUSE_URL ?? 'http://localhost:8123',
          recordTable: 'cats_usage',
          summaryTable: 'cats_sums',
          hooks: [sumBasic, sumRoutes],
        }),
      ],
    }),
  ],
  controllers: [CatsController, UsageController],
})
export class AppModule {}
