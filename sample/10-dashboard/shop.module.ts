import { Module } from '@nestjs/common';
import {
  SqliteStorage,
  sumBasic,
  sumBy,
  sumClients,
  sumConsumers,
  sumGeo,
  sumReleases,
  sumRoutes,
  sumStatuses,
  TrackUsageModule,
} from 'nestjs-track-usage';
import { UsageDashboardModule } from 'nestjs-track-usage/dashboard';
import { OldProductsController } from './old-products.controller.js';
import { ShopController } from './shop.controller.js';

const NAMES: Readonly<Record<string, string>> = {
  'web-shop': 'Web shop',
  'app-ios': 'MyShop for iOS',
  acme: 'Acme Retail',
  bricks: 'Bricks & Co',
  payments: 'Payment events',
};

@Module({
  imports: [
    TrackUsageModule.forRoot({
      service: 'shop-api',
      release: '2.14.1',
      serverName: 'shop-api-1',
      // An application reads this from what its own guard has verified.
      consumer: (request) => {
        const name = (request as { headers: Record<string, string | undefined> }).headers[
          'x-consumer'
        ];
        return name ?? null;
      },
      storages: [
        new SqliteStorage({
          database: process.env.DATABASE ?? 'track-usage-demo.sqlite',
          hooks: [
            sumBasic,
            sumRoutes,
            sumStatuses,
            sumConsumers,
            sumClients,
            sumGeo,
            sumReleases,
            sumBy('consumer', 'route'),
            sumBy('consumer', 'client'),
            sumBy('route', 'status'),
          ],
        }),
      ],
    }),
    UsageDashboardModule.forRoot({
      // Of an application of your own, name its guard here.
      guards: 'none',
      describeConsumers: (ids) => Object.fromEntries(ids.map((id) => [id, NAMES[id] ?? id])),
    }),
  ],
  controllers: [ShopController, OldProductsController],
})
export class ShopModule {}
