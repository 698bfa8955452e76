import { Module } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { MemoryStorage, OutputWriter, sumRoutes, TrackUsageModule } from 'nestjs-track-usage';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { Alerts } from './alerts.js';
import { CatsController } from './cats.controller.js';
import { UsageController } from './usage.controller.js';

@Module({
  imports: [
    EventEmitterModule.forRoot(),
    TrackUsageModule.forRoot({
      events: true,
      storages: [
        new SqlStorage({ database: 'shop.sqlite', hooks: [sumRoutes, Alerts] }),
        new MemoryStorage({ name: 'audit', maxRecords: 1000 }),
        new OutputWriter({
          output: process.stdout,
          transform: (record) => `OUTPUT: ${record.method} ${record.path}\n`,
          flushInterval: 100,
        }),
      ],
    }),
  ],
  controllers: [CatsController, UsageController],
  providers: [Alerts],
})
export class AppModule {}
