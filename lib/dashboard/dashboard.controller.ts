import {
  All,
  Controller,
  Inject,
  Req,
  Res,
  UseGuards,
  VERSION_NEUTRAL,
  type Type,
} from '@nestjs/common';
import { SkipTracking } from '../decorators/index.js';
import { UsageDashboardGuard } from './guards/dashboard.guard.js';
import { json, withHeaders, withoutBody, type Answer } from './http/answer.js';
import { readRequest, type PlatformRequest } from './http/dashboard-request.js';
import { OpenRequests } from './http/open-requests.js';
import { rawResponse, sendAnswer, type PlatformResponse } from './http/send-answer.js';
import { DashboardSite } from './site/dashboard-site.js';

/** Where Nest keeps the paths of a handler. */
const PATH = 'path';
/** What `@nestjs/swagger` leaves out has this. */
const SWAGGER_EXCLUDED = 'swagger/apiExcludeController';

/** The page's own path, and all that lies below it. The frameworks name the latter in their ways. */
function pathsOn(platform: string | undefined): string[] {
  return ['', platform === 'fastify' ? '*' : '*rest'];
}

/** Fits a controller to a framework. Nest reads its paths after the modules are configured. */
export function fitToPlatform(controller: Type, platform: string | undefined): void {
  const { serve } = controller.prototype as { serve: object };
  Reflect.defineMetadata(PATH, pathsOn(platform), serve);
}

/** Creates the controller of everything below a path. Its own requests are not tracked. */
export function dashboardController(path: string): Type {
  @SkipTracking()
  @UseGuards(UsageDashboardGuard)
  @Controller({ path, version: VERSION_NEUTRAL })
  class UsageDashboardController {
    constructor(
      @Inject(DashboardSite) private readonly site: DashboardSite,
      @Inject(OpenRequests) private readonly requests: OpenRequests,
    ) {}

    // With the response at hand, what the application does to returned values does not touch it.
    @All(pathsOn('express'))
    async serve(@Req() request: PlatformRequest, @Res() response: PlatformResponse): Promise<void> {
      const raw = rawResponse(response);
      const signal = this.requests.signalFor(raw);
      try {
        sendAnswer(response, await this.answer(request, signal));
      } catch (error) {
        // Nobody waits for an answer any more, unless the application closes.
        if (!signal.aborted) throw error;
        if (!raw.headersSent) sendAnswer(response, closing());
      }
    }

    private async answer(request: PlatformRequest, signal: AbortSignal): Promise<Answer> {
      const { method } = request;
      if (method !== 'GET' && method !== 'HEAD')
        return withHeaders(
          json({ statusCode: 405, message: `${method}: this page is only read.` }, 405),
          { Allow: 'GET, HEAD' },
        );
      const answer = await this.site.answer(readRequest(request, signal));
      return method === 'HEAD' ? withoutBody(answer) : answer;
    }
  }
  Reflect.defineMetadata(SWAGGER_EXCLUDED, [true], UsageDashboardController);
  return UsageDashboardController;
}

function closing(): Answer {
  return withHeaders(json({ statusCode: 503, message: 'The application closes.' }, 503), {
    Connection: 'close',
  });
}
