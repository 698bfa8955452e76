import { Controller, Get, Param } from '@nestjs/common';
import { DeprecatedRoute, TrackUsage } from 'nestjs-track-usage';

@TrackUsage()
@Controller('cats')
export class CatsController {
  /** Callers are told by headers since when, until when, and what comes instead. */
  @DeprecatedRoute({
    since: new Date('2026-10-01'),
    sunset: new Date('2027-04-01'),
    link: 'https://shop.example/docs/cats',
  })
  @Get('all')
  all() {
    return ['Maru', 'Félix'];
  }

  @Get(':id')
  findOne(@Param('id') id: string) {
    return { id, name: `Cat ${id}` };
  }

  /** Nobody calls it. */
  @Get(':id/photos')
  photos() {
    return [];
  }
}
