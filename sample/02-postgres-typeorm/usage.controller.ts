import { Controller, Get } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { UsageService } from 'nestjs-track-usage';
import { UsageRecordEntity } from 'nestjs-track-usage/sql';
import type { Repository } from 'typeorm';

@Controller('usage')
export class UsageController {
  constructor(
    private readonly usage: UsageService,
    @InjectRepository(UsageRecordEntity) private readonly records: Repository<UsageRecordEntity>,
  ) {}

  @Get()
  async latest() {
    await this.usage.flush();
    return this.usage.getUsage({ limit: 20 });
  }

  /** The records are a table like any other: here is a question that the service does not know. */
  @Get('clients')
  async clients() {
    await this.usage.flush();
    return this.records
      .createQueryBuilder('record')
      .select('count(distinct record.remoteAddr)', 'clients')
      .getRawOne();
  }
}
