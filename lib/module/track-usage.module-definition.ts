import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { TrackUsageModuleOptions } from './track-usage.options.js';

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN, OPTIONS_TYPE, ASYNC_OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<TrackUsageModuleOptions>({ moduleName: 'TrackUsage' })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createTrackUsageOptions')
    .build();
