import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TrackUsageModule } from 'nestjs-track-usage';
import { UsageDashboardModule } from 'nestjs-track-usage/dashboard';
import type { TableNames } from '../databases/database.js';
import { database } from '../databases/sqlite.js';
import { LoopWatch } from '../event-loop/loop-watch.js';
import { DEFAULT_HOOKS, openStorage } from '../open-storage.js';
import { serveCommands } from '../processes/serve-commands.js';
import { Scales } from './scales.js';
import { BusySource } from '../reports/busy-source.js';

const DAY_MS = 86_400_000;
const BATCH_SIZE = 20_000;

const [scratch, text, end] = process.argv.slice(2) as [string, string, string];
const tables = JSON.parse(text) as TableNames;
const now = Number(end);
const storageOf = () => database.storage(scratch, tables, DEFAULT_HOOKS);
let watch: LoopWatch;
let scales: Scales;

serveCommands({
  async fill(size: number): Promise<void> {
    const storage = await openStorage(storageOf(), DEFAULT_HOOKS);
    const source = new BusySource(size, now - 60 * DAY_MS, now);
    while (source.left > 0) await storage.store(source.batch(BATCH_SIZE));
    await storage.close?.();
  },
  async start(): Promise<number> {
    @Module({
      imports: [
        TrackUsageModule.forRoot({ storages: [storageOf()] }),
        UsageDashboardModule.forRoot({ guards: 'none' }),
      ],
    })
    class PageModule {}
    const app = await NestFactory.create(PageModule, { logger: ['error', 'warn'] });
    await app.listen(0, '127.0.0.1');
    const server = app.getHttpServer() as Server;
    // Connections wait longer than the bench does between two rounds.
    server.keepAliveTimeout = 60_000;
    return (server.address() as AddressInfo).port;
  },
  watch: () => {
    watch = new LoopWatch();
  },
  held: () => watch.stop(),
  weigh: () => {
    scales = new Scales();
  },
  weighed: () => scales.stop(),
});
