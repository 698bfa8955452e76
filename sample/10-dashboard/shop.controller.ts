import { Body, Controller, Get, NotFoundException, Param, Post, Query } from '@nestjs/common';
import { TrackUsage } from 'nestjs-track-usage';

@TrackUsage({ blueprint: 'shop' })
@Controller()
export class ShopController {
  @Get('products')
  products() {
    return [{ id: 1, name: 'Espresso cup' }];
  }

  @Get('products/:id')
  product(@Param('id') id: string) {
    if (Number(id) > 400) throw new NotFoundException(`There is no product ${id}.`);
    return { id, name: 'Espresso cup' };
  }

  @Get('search')
  search(@Query('q') q = '') {
    return { q, found: [] };
  }

  @Get('cart')
  cart() {
    return { items: [] };
  }

  @Post('cart/items')
  add(@Body() item: object) {
    return { item };
  }
}
