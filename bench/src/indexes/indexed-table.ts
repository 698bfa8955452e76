/** The fields that people filter by, each with its column in SQL. */
export const INDEXED_FIELDS = {
  consumer: 'consumer',
  route: 'route',
  blueprint: 'blueprint',
  status: 'status',
  remoteAddr: 'remote_addr',
  visitorId: 'visitor_id',
  service: 'service',
  username: 'username',
} as const;

export type IndexedField = keyof typeof INDEXED_FIELDS;

/** The records' table, to which an index is added. */
export interface IndexedTable {
  /** Creates an index of a field, with date and id behind it. */
  create(field: IndexedField): Promise<void>;
  /** Takes away the library's own index of a field, if it has one. */
  dropOwn(field: IndexedField): Promise<void>;
  /** Bytes of the index that was created. */
  bytes(): Promise<number>;
  close(): Promise<void>;
}
