import { Module } from '@nestjs/common';
import { getModelToken, MongooseModule } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { sumBasic, TrackUsageModule } from 'nestjs-track-usage';
import { MongooseStorage, USAGE_MODEL, usageModel } from 'nestjs-track-usage/mongoose';
import { CatsController } from './cats.controller.js';
import { UsageController } from './usage.controller.js';

@Module({
  imports: [
    MongooseModule.forRootAsync({
      useFactory: () => ({ uri: process.env.MONGODB_URI ?? 'mongodb://localhost/track_usage' }),
    }),
    MongooseModule.forFeature([usageModel]),
    TrackUsageModule.forRootAsync({
      imports: [MongooseModule.forFeature([usageModel])],
      inject: [getModelToken(USAGE_MODEL)],
      useFactory: (model: Model<unknown>) => ({
        storages: [
          new MongooseStorage({ model, website: 'cats', apacheLog: true, hooks: [sumBasic] }),
        ],
      }),
    }),
  ],
  controllers: [CatsController, UsageController],
})
export class AppModule {}
