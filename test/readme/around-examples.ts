// What the examples of docstrings take from elsewhere: other packages, and the application around
// them. It is compiled with them, and never run.
import type { INestApplication } from '@nestjs/common';
import type { HealthCheckService } from '@nestjs/terminus';
import type { MongoClient } from 'mongodb';
import type {
  StorageOptions,
  UsageHealthIndicator,
  UsageRecord,
  UsageService,
  UsageStorage,
} from 'nestjs-track-usage';
import type { DescribeConsumers } from 'nestjs-track-usage/dashboard';

export { createWriteStream, type WriteStream } from 'node:fs';
export { join } from 'node:path';
export { Controller, Get, Inject, Injectable, Module, Param, Req, UseGuards } from '@nestjs/common';
export type { CanActivate, ExecutionContext } from '@nestjs/common';
export { getModelToken, MongooseModule } from '@nestjs/mongoose';
export { TypeOrmModule } from '@nestjs/typeorm';
export type { Model } from 'mongoose';
export { DataSource } from 'typeorm';
export { afterEach, describe, it } from 'vitest';

export declare const app: INestApplication;
export declare const customers: { namesOf: DescribeConsumers };
export declare const folder: string;
export declare const health: HealthCheckService;
export declare const indicator: UsageHealthIndicator;
export declare const log: { write(line: string): void };
export declare const mongoClient: MongoClient;
export declare const ownMigrations: (new () => import('typeorm').MigrationInterface)[];
export declare const producer: { send(records: readonly UsageRecord[]): Promise<void> };
export declare const records: UsageRecord[];
export declare const usage: UsageService;

export interface AuthenticatedRequest {
  readonly user: { readonly id: string };
}

export declare class AdminGuard {
  canActivate(): boolean;
}

export declare class AuthGuard extends AdminGuard {}

export declare class ConfigService {
  get(name: string): string;
}

export declare class FolderStorage implements UsageStorage {
  readonly name: string;
  constructor(folder: string, options: StorageOptions);
  store(records: readonly UsageRecord[]): Promise<void>;
}
