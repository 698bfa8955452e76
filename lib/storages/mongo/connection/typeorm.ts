import type { MongoDb } from './shapes.js';

/**
 * A data source of TypeORM, of the type `mongodb`.
 *
 * @publicApi
 */
export interface TypeOrmMongoDataSource {
  readonly driver: object;
  readonly isInitialized: boolean;
}

/**
 * A `MongoRepository` of TypeORM.
 *
 * @publicApi
 */
export interface TypeOrmMongoRepository {
  readonly metadata: { readonly tableName: string };
  readonly manager: object;
}

interface MongoDriver {
  readonly database?: string;
  readonly queryRunner?: { readonly databaseConnection?: { db(name?: string): MongoDb } };
}

export function isTypeOrmDataSource(value: object): value is TypeOrmMongoDataSource {
  return 'driver' in value && 'isInitialized' in value;
}

export function isTypeOrmRepository(value: object): value is TypeOrmMongoRepository {
  return 'metadata' in value && 'manager' in value;
}

/**
 * Returns the database that TypeORM is connected to.
 *
 * @throws {TypeError} if the data source is not connected, or is connected to another kind of
 * database.
 */
export function databaseOf(source: TypeOrmMongoDataSource | TypeOrmMongoRepository): MongoDb {
  const dataSource = isTypeOrmRepository(source) ? dataSourceOf(source) : source;
  const { queryRunner, database } = (dataSource?.driver ?? {}) as MongoDriver;
  const client = queryRunner?.databaseConnection;
  if (typeof client?.db !== 'function')
    throw new TypeError(
      'MongoPiggybackStorage: client: expected a data source of the type mongodb that is initialized, but got one without a connection to MongoDB. Wait for dataSource.initialize() first.',
    );
  return client.db(database);
}

// TypeORM 0.3 names it `connection`.
function dataSourceOf({ manager }: TypeOrmMongoRepository): TypeOrmMongoDataSource | undefined {
  const { dataSource, connection } = manager as Record<string, TypeOrmMongoDataSource | undefined>;
  return dataSource ?? connection;
}
