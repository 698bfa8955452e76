import { Controller, Get, Param } from '@nestjs/common';
import { TrackUsage } from 'nestjs-track-usage';

/** The routes of an application about which nothing is special. */
@TrackUsage()
@Controller('cats')
export class CatsController {
  @Get()
  findAll() {
    return [];
  }

  @Get(':id')
  findOne(@Param('id') id: string) {
    return { id };
  }
}
