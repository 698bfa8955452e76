import { createRequire } from 'node:module';
import { Controller, Get, Module } from '@nestjs/common';
import {
  MemoryStorage,
  sumGeo,
  TrackUsage,
  TrackUsageModule,
  UsageService,
} from 'nestjs-track-usage';

// Any MaxMind file will do, such as GeoLite2-City.mmdb; this one comes from a package.
const database = createRequire(import.meta.url).resolve(
  '@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb',
);

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

  @Get()
  async latest() {
    await this.usage.flush();
    return this.usage.getUsage({ limit: 20 });
  }

  @Get('countries')
  async countries() {
    await this.usage.flush();
    return this.usage.getSum(sumGeo, { order: 'hits' });
  }
}

@Module({
  imports: [
    TrackUsageModule.forRoot({
      storages: [new MemoryStorage({ hooks: [sumGeo] })],
      geoIp: { database: process.env.GEO_DATABASE ?? database },
    }),
  ],
  controllers: [CatsController, UsageController],
})
export class AppModule {}
