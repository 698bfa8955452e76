import { Module, type DynamicModule, type NestModule } from '@nestjs/common';
import { APP_INTERCEPTOR, HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { TrackUsageInterceptor, type CaptureOptions } from 'nestjs-track-usage';
import { RequestCapture, type CaptureSink } from '../../../lib/capture/index.js';

/** Capture alone, wired as `TrackUsageModule` wires it, in front of a sink of the test's. */
@Module({})
export class CaptureModule implements NestModule {
  constructor(private readonly capture: RequestCapture) {}

  configure(): void {
    this.capture.install();
  }

  static into(sink: CaptureSink, options: CaptureOptions = {}): DynamicModule {
    return {
      module: CaptureModule,
      global: true,
      providers: [
        {
          provide: RequestCapture,
          useFactory: (host: HttpAdapterHost, moduleRef: ModuleRef) =>
            new RequestCapture(options, host, moduleRef, sink),
          inject: [HttpAdapterHost, ModuleRef],
        },
        {
          provide: APP_INTERCEPTOR,
          useFactory: (capture: RequestCapture) => new TrackUsageInterceptor(capture),
          inject: [RequestCapture],
        },
      ],
      exports: [RequestCapture],
    };
  }
}
