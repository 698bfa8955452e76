import { Controller, Get } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { UsageService } from 'nestjs-track-usage';
import { USAGE_MODEL } from 'nestjs-track-usage/mongoose';

@Controller('usage')
export class UsageController {
  constructor(
    private readonly usage: UsageService,
    @InjectModel(USAGE_MODEL) private readonly model: Model<{ apacheCombinedLog: string }>,
  ) {}

  @Get()
  async latest() {
    await this.usage.flush();
    return this.usage.getUsage({ limit: 20 });
  }

  /** The records are documents of a model like any other: here are their log lines. */
  @Get('log')
  async log() {
    await this.usage.flush();
    const documents = await this.model.find({ website: 'cats' }).sort({ date: -1 }).limit(20);
    return documents.map(({ apacheCombinedLog }) => apacheCombinedLog);
  }
}
