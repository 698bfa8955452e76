import { Controller, Get } from '@nestjs/common';
import { UsageService } from 'nestjs-track-usage';

@Controller('routes')
export class RoutesController {
  constructor(private readonly usage: UsageService) {}

  /** Every tracked route, with how often it was called. */
  @Get()
  async all() {
    await this.usage.flush();
    const routes = await this.usage.routes();
    return routes
      .filter(({ tracked }) => tracked)
      .map(({ method, path, hits }) => ({ route: `${method} ${path}`, hits }));
  }

  /** Those that nobody calls. */
  @Get('unused')
  async unused() {
    return (await this.all()).filter(({ hits }) => hits === 0);
  }

  /** Those that somebody still calls, though they are deprecated. */
  @Get('deprecated')
  async deprecated() {
    await this.usage.flush();
    const routes = await this.usage.routes();
    return routes
      .filter(({ deprecated, hits }) => deprecated !== null && hits > 0)
      .map(({ method, path, hits, deprecated }) => ({
        route: `${method} ${path}`,
        hits,
        sunset: deprecated!.sunset,
      }));
  }
}
