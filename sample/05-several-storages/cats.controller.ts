import { Controller, Get, InternalServerErrorException, Param } from '@nestjs/common';
import { TrackUsage } from 'nestjs-track-usage';

@TrackUsage()
@Controller('cats')
export class CatsController {
  @Get('broken')
  broken(): never {
    throw new InternalServerErrorException();
  }

  /** Its records go to the audit alone. */
  @TrackUsage({ storages: ['audit'] })
  @Get('secret')
  secret() {
    return {};
  }

  @Get(':id')
  findOne(@Param('id') id: string) {
    return { id };
  }
}
