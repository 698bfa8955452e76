import {
  Body,
  Controller,
  Delete,
  Get,
  NotFoundException,
  Param,
  Post,
  Put,
  Query,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import { TrackUsage } from 'nestjs-track-usage';

/** What the shop's customers call. */
@TrackUsage({ blueprint: 'shop' })
@Controller({ version: VERSION_NEUTRAL })
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

  @Post('orders')
  order(@Body() order: object) {
    return { order };
  }

  @Get('orders/:id')
  orderOf(@Param('id') id: string) {
    return { id };
  }

  @Put('orders/:id/address')
  deliverTo(@Param('id') id: string, @Body() address: object) {
    return { id, address };
  }

  @Post('payments/events')
  paid() {
    return { received: true };
  }

  @Get('exports/:year')
  exportOf(@Param('year') year: string) {
    return { year, orders: [] };
  }

  // Nobody has called these yet.
  @Delete('cart')
  empty() {
    return { items: [] };
  }

  @Post('products/:id/reviews')
  review(@Param('id') id: string) {
    return { id };
  }
}
