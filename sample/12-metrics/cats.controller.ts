import { Controller, Get, Param } from '@nestjs/common';
import { TrackUsage } from 'nestjs-track-usage';

@TrackUsage()
@Controller('cats')
export class CatsController {
  @Get(':id')
  findOne(@Param('id') id: string) {
    return { id, name: `Cat ${id}` };
  }
}
