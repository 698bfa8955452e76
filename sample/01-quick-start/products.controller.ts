import { Body, Controller, Get, NotFoundException, Param, Post, Query } from '@nestjs/common';
import { SkipTracking, TrackUsage, TrackVar, type TrackVars } from 'nestjs-track-usage';

interface Product {
  readonly id: string;
  readonly name: string;
  readonly price: number;
}

const products: Product[] = [
  { id: '1', name: 'Espresso cup', price: 12 },
  { id: '2', name: 'Tea pot', price: 39 },
  { id: '3', name: 'Milk jug', price: 18 },
];

@TrackUsage()
@Controller('products')
export class ProductsController {
  @Get()
  findAll(@Query('search') search = ''): Product[] {
    return products.filter(({ name }) => name.toLowerCase().includes(search.toLowerCase()));
  }

  @SkipTracking()
  @Get('health')
  health() {
    return { status: 'ok' };
  }

  @Get(':id')
  findOne(@Param('id') id: string, @TrackVar() vars: TrackVars): Product {
    const product = products.find((one) => one.id === id);
    if (product === undefined) throw new NotFoundException(`There is no product ${id}.`);
    vars.price = product.price;
    return product;
  }

  @Post()
  create(@Body() body: { name?: string; price?: number }): Product {
    const { name = 'Unnamed', price = 0 } = body;
    const product = { id: String(products.length + 1), name, price };
    products.push(product);
    return product;
  }
}
