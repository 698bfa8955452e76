import { Module } from '@nestjs/common';
import { TrackUsageModule } from 'nestjs-track-usage';
import { ProductsController } from './products.controller.js';
import { UsageController } from './usage.controller.js';

@Module({
  imports: [TrackUsageModule.forRoot()],
  controllers: [ProductsController, UsageController],
})
export class ShopModule {}
