import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { Histogram, register } from 'prom-client';
import { tap } from 'rxjs';
import type { Variant } from '../variant.js';

const histogram = new Histogram({
  name: 'http_request_duration_seconds',
  help: 'Duration of HTTP requests',
  labelNames: ['method', 'route', 'status'],
});

interface Request {
  readonly method: string;
  readonly route?: { path: string };
  readonly routeOptions?: { url: string };
}

class HistogramInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler) {
    const end = histogram.startTimer();
    const http = context.switchToHttp();
    return next.handle().pipe(
      tap(() => {
        const { method, route, routeOptions } = http.getRequest<Request>();
        const { statusCode } = http.getResponse<{ statusCode: number }>();
        end({ method, route: route?.path ?? routeOptions?.url ?? '', status: statusCode });
      }),
    );
  }
}

export const variant: Variant = {
  title: 'prom-client, histogram',
  keeps: 'counters in memory',
  configure(app) {
    app.useGlobalInterceptors(new HistogramInterceptor());
  },
  async check(_app, sent) {
    const total = sent.reduce((sum, count) => sum + count, 0);
    const [metric] = await register.getMetricsAsJSON();
    const values = metric!.values as { metricName?: string; value: number }[];
    const counted = values
      .filter(({ metricName }) => metricName?.endsWith('_count'))
      .reduce((sum, { value }) => sum + value, 0);
    return counted === total ? [] : [`of ${total} requests ${counted} were counted`];
  },
};
