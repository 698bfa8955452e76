import { Module } from '@nestjs/common';
import { sumRoutes, SqliteStorage, TrackUsageModule } from 'nestjs-track-usage';
import { PrometheusWriter } from 'nestjs-track-usage/prometheus';
import { CatsController } from './cats.controller.js';
import { MetricsController } from './metrics.controller.js';

@Module({
  imports: [
    TrackUsageModule.forRoot({
      service: 'cats',
      // Records answer who and which; metrics answer how much, beside those of the machine.
      storages: [new SqliteStorage({ hooks: [sumRoutes] }), new PrometheusWriter()],
    }),
  ],
  controllers: [CatsController, MetricsController],
})
export class AppModule {}
