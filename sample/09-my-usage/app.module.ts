import { Controller, Get, Module, NotFoundException, Param, UseGuards } from '@nestjs/common';
import {
  byApiKey,
  MemoryStorage,
  sumConsumers,
  TrackUsage,
  TrackUsageModule,
} from 'nestjs-track-usage';
import { KeyGuard } from './key.guard.js';
import { MyUsageController } from './my-usage.controller.js';

@TrackUsage()
@UseGuards(KeyGuard)
@Controller('cats')
export class CatsController {
  @Get(':name')
  findOne(@Param('name') name: string) {
    if (name === 'nobody') throw new NotFoundException();
    return { name };
  }
}

@Module({
  imports: [
    TrackUsageModule.forRoot({
      consumer: byApiKey(),
      storages: [new MemoryStorage({ hooks: [sumConsumers], flushInterval: 50 })],
    }),
  ],
  controllers: [CatsController, MyUsageController],
})
export class AppModule {}
