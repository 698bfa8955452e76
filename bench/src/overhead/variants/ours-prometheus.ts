import { Registry } from 'prom-client';
import { TrackUsageModule } from 'nestjs-track-usage';
import { PrometheusWriter } from 'nestjs-track-usage/prometheus';
import type { Variant } from '../variant.js';
import { variant as nowhere } from './ours-nowhere.js';

export const variant: Variant = {
  ...nowhere,
  title: 'nestjs-track-usage, writing nowhere and counting for Prometheus',
  keeps: "full records, handed to a storage that drops them, and Prometheus's histograms",
  modules: () => [
    TrackUsageModule.forRoot({
      mode: 'include',
      storages: [
        { name: 'nowhere', store: async () => {} },
        new PrometheusWriter({ registry: new Registry() }),
      ],
    }),
  ],
};
