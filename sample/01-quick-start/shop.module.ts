import { Module } from '@nestjs/common';
import { TrackUsageModule } from 'nestjs-track-usage';
import { UsageDashboardModule } from 'nestjs-track-usage/dashboard';
import { ProductsController } from './products.controller.js';
import { UsageController } from './usage.controller.js';

@Module({
  imports: [
    TrackUsageModule.forRoot(),
    // It listens on the loopback interface alone. Elsewhere, name a guard.
    UsageDashboardModule.forRoot({ guards: 'none' }),
  ],
  controllers: [ProductsController, UsageController],
})
export class ShopModule {}
