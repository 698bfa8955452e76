import { Controller, Get } from '@nestjs/common';
import { UsageService } from 'nestjs-track-usage';

@Controller('usage')
export class UsageController {
  constructor(private readonly usage: UsageService) {}

  @Get()
  async latest() {
    await this.usage.flush();
    return this.usage.getUsage({ limit: 20 });
  }

  @Get('routes')
  async routes() {
    await this.usage.flush();
    return this.usage.getSum('route');
  }
}
