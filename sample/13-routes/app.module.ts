import { Module } from '@nestjs/common';
import { TrackUsageModule } from 'nestjs-track-usage';
import { CatsController } from './cats.controller.js';
import { RoutesController } from './routes.controller.js';

@Module({
  imports: [TrackUsageModule.forRoot()],
  controllers: [CatsController, RoutesController],
})
export class AppModule {}
