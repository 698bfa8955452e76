import { Controller, Get, Param } from '@nestjs/common';
import { DeprecatedRoute, TrackUsage } from 'nestjs-track-usage';

const DAY = 86_400_000;
// An application writes dates here. These move, so that the shop always looks the same.
const inDays = (days: number) => new Date(Date.now() + days * DAY);

/** The first version of the API, whose routes go one by one. */
@TrackUsage({ blueprint: 'shop' })
@Controller({ path: 'products', version: '1' })
export class OldProductsController {
  @DeprecatedRoute({ since: inDays(-200), sunset: inDays(-12) })
  @Get(':id')
  product(@Param('id') id: string) {
    return { id };
  }

  @DeprecatedRoute({ since: inDays(-200), sunset: inDays(78) })
  @Get()
  products() {
    return [];
  }

  @DeprecatedRoute({ since: inDays(-30), sunset: inDays(78) })
  @Get('categories')
  categories() {
    return [];
  }
}
