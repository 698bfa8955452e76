/** The names of tables, collections and keys that flags give. */
export interface StorageNames {
  readonly recordTable?: string | undefined;
  readonly summaryTable?: string | undefined;
  readonly schema?: string | undefined;
  readonly collection?: string | undefined;
  readonly summaryCollection?: string | undefined;
  readonly website?: string | undefined;
  readonly keyPrefix?: string | undefined;
}

/** A storage that is named by an address. */
export interface StorageAddress extends StorageNames {
  readonly address: string;
  /** The folder that paths begin at. */
  readonly cwd: string;
}
