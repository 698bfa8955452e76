import { Controller, Get, Module, Param } from '@nestjs/common';
import { TrackUsage, TrackUsageModule } from 'nestjs-track-usage';
import { CsvStorage } from './csv.storage.js';

@TrackUsage()
@Controller('cats')
export class CatsController {
  @Get(':id')
  findOne(@Param('id') id: string) {
    return { id };
  }
}

@Module({
  imports: [TrackUsageModule.forRoot({ storages: [new CsvStorage('usage.csv')] })],
  controllers: [CatsController],
})
export class AppModule {}
