import { Controller, Get, Header } from '@nestjs/common';
import { SkipTracking } from 'nestjs-track-usage';
import { register } from 'prom-client';

/** What Prometheus scrapes. Where others than Prometheus reach it, put a guard before it. */
@SkipTracking()
@Controller('metrics')
export class MetricsController {
  @Get()
  @Header('content-type', register.contentType)
  metrics() {
    return register.metrics();
  }
}
