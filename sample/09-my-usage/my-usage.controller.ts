import {
  BadRequestException,
  Body,
  Catch,
  Controller,
  Get,
  HttpCode,
  Post,
  Req,
  UseFilters,
  UseGuards,
  type ExceptionFilter,
} from '@nestjs/common';
import { byApiKey, UsageQueryError, UsageService, type UsageQuery } from 'nestjs-track-usage';
import { KeyGuard } from './key.guard.js';

const byKey = byApiKey();

/** Answers what is wrong with a query, instead of 500. */
@Catch(UsageQueryError)
class QueryErrorFilter implements ExceptionFilter<UsageQueryError> {
  catch({ message }: UsageQueryError): never {
    throw new BadRequestException(message);
  }
}

/** Shows callers their own usage, and nobody else's. */
@UseGuards(KeyGuard)
@UseFilters(QueryErrorFilter)
@Controller('my-usage')
export class MyUsageController {
  constructor(private readonly usage: UsageService) {}

  @Get()
  mine(@Req() request: object) {
    return this.of(request).report({ dimensions: ['route'], metrics: ['hits', 'errors', 'p95'] });
  }

  /** The body is a query of the caller's, such as `{ "where": { "status": 404 }, "limit": 10 }`. */
  @HttpCode(200)
  @Post('records')
  records(@Req() request: object, @Body() query: UsageQuery) {
    return this.of(request).getUsage(query);
  }

  @HttpCode(200)
  @Post('count')
  async count(@Req() request: object, @Body() query: UsageQuery) {
    return { count: await this.of(request).countUsage(query) };
  }

  private of(request: object) {
    // The guard has verified the key.
    return this.usage.forConsumer(byKey(request)!.id);
  }
}
