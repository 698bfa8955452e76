import type { HttpServer } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';

/** Copies of this package in one process know each other's. */
const CLAIMED_BY = Symbol.for('nestjs-track-usage:claimed-by');

/**
 * Claims an application for one capture. Several applications may share an adapter.
 *
 * @param application What each application has but one of.
 * @throws Error if another capture has claimed it.
 */
export function claimApplication(adapter: HttpServer, application: HttpAdapterHost): void {
  const claimed = adapter as { [CLAIMED_BY]?: WeakSet<HttpAdapterHost> };
  const applications = (claimed[CLAIMED_BY] ??= new WeakSet());
  if (applications.has(application)) {
    throw new Error(
      'TrackUsageModule was imported twice into one application, which would record each request twice. Keep one TrackUsageModule.forRoot(): it serves the whole application, and takes several storages.',
    );
  }
  applications.add(application);
}
