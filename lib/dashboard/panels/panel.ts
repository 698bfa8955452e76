import type { ComponentChildren } from 'preact';
import type { ExportedQuery } from '../data/addresses.js';
import type { PanelContext } from './panel-context.js';

/** A part of the page that loads, fails and is refreshed by itself. */
export interface Panel {
  /** Its name in addresses, and its element's id. */
  readonly name: string;
  readonly title: string;
  /** The size of its place: a whole row, or a quarter. */
  readonly size?: 'row' | 'quarter' | 'bare';
  /** What it shows. Rejects if the storage does. */
  load(context: PanelContext): Promise<PanelContent>;
  /** The questions whose answers it shows, to export them with the page's range and filters. */
  exports?(context: PanelContext): readonly PanelExport[];
}

export interface PanelExport {
  readonly label: string;
  readonly query: ExportedQuery;
}

export interface PanelContent {
  /** Beside the title. */
  readonly note?: ComponentChildren;
  /** At the end of the title's line. */
  readonly side?: ComponentChildren;
  readonly body: ComponentChildren;
}
