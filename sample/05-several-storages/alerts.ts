import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import type { UsageHookHandler, UsageRecord } from 'nestjs-track-usage';

/** A hook of one storage, and a listener of the events of all. */
@Injectable()
export class Alerts implements UsageHookHandler {
  private readonly raised: string[] = [];
  private seen = 0;

  onRecord(record: UsageRecord): void {
    if (record.status >= 500) this.raised.push(`${record.method} ${record.url}: ${record.status}`);
  }

  @OnEvent('track-usage.record')
  count(): void {
    this.seen++;
  }

  summary() {
    return { seen: this.seen, raised: this.raised };
  }
}
