import { Controller, Get, Param, Query } from '@nestjs/common';

@Controller('cats')
export class CatsController {
  @Get(':id')
  findOne(@Param('id') id: string, @Query('color') color = 'black') {
    return { id, name: `Cat ${id}`, color, born: '2021-04-01', likes: ['fish', 'boxes', 'sun'] };
  }
}
