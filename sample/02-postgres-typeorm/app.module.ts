import { Module } from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { sumBasic, sumRoutes, TrackUsageModule } from 'nestjs-track-usage';
import { SqlStorage, usageEntities } from 'nestjs-track-usage/sql';
import type { DataSource } from 'typeorm';
import { CatsController } from './cats.controller.js';
import { UsageController } from './usage.controller.js';

@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      useFactory: () => ({
        type: 'postgres' as const,
        url: process.env.DATABASE_URL ?? 'postgres://localhost/postgres',
        autoLoadEntities: true,
      }),
    }),
    TypeOrmModule.forFeature(usageEntities),
    TrackUsageModule.forRootAsync({
      inject: [getDataSourceToken()],
      useFactory: (dataSource: DataSource) => ({
        storages: [new SqlStorage({ dataSource, hooks: [sumBasic, sumRoutes] })],
        retention: { records: '90d', hour: '60d', day: '2y' },
      }),
    }),
  ],
  controllers: [CatsController, UsageController],
})
export class AppModule {}
