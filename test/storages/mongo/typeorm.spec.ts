import { randomBytes } from 'node:crypto';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import {
  InjectUsageStorage,
  sumUrls,
  TrackUsageModule,
  type UsageStorage,
} from 'nestjs-track-usage';
import { MongoPiggybackStorage } from 'nestjs-track-usage/mongo';
import { Column, Entity, ObjectIdColumn, type DataSource, type MongoRepository } from 'typeorm';
import { expect, it } from 'vitest';
import { openApp } from '../../support/applications.js';
import { platforms } from '../../support/platforms.js';
import { describeWithServer } from '../../support/servers.js';
import { dropPlace } from './places.js';

const place = `o${randomBytes(6).toString('hex')}`;

/** How an application may map our collection to read it. */
@Entity(place)
class UsageDocument {
  @ObjectIdColumn()
  _id!: string;

  @Column()
  path!: string;

  @Column()
  status!: number;
}

describeWithServer('MONGODB', 'On the MongoDB connection of TypeORM', (url) => {
  for (const way of ['client', 'collection'] as const)
    it(`keeps usage, given as ${way}, and leaves the connection open`, async () => {
      class Holder {
        constructor(@InjectUsageStorage('mongo') readonly storage: UsageStorage) {}
      }
      const { app, usage, fetch, close } = await openApp(platforms[0]!, {
        imports: [TypeOrmModule.forRoot({ type: 'mongodb', url, entities: [UsageDocument] })],
        track: TrackUsageModule.forRootAsync({
          inject: [getDataSourceToken()],
          useFactory: (dataSource: DataSource) => ({
            storages: [
              new MongoPiggybackStorage({
                ...(way === 'client'
                  ? { client: dataSource, collectionName: place }
                  : { collection: dataSource.getMongoRepository(UsageDocument) }),
                summaryCollection: `${place}_s`,
                hooks: [sumUrls],
              }),
            ],
          }),
        }),
        providers: [Holder],
      });
      const dataSource = app.get<DataSource>(getDataSourceToken());
      try {
        for (const id of [1, 2, 3]) await fetch(`/cats/${id}`);
        expect(await usage.flush()).toBe(true);
        expect((await usage.getUsage()).map(({ path }) => path)).toEqual(
          expect.arrayContaining(['/cats/1', '/cats/2', '/cats/3']),
        );
        expect((await usage.getSum('url')).day).toHaveLength(3);
        expect(app.get(Holder).storage).toBeInstanceOf(MongoPiggybackStorage);
        // The application reads the same documents through its own repository.
        const repository: MongoRepository<UsageDocument> =
          dataSource.getMongoRepository(UsageDocument);
        const [first] = await repository.find({ where: { path: '/cats/2' } });
        expect(first).toMatchObject({ path: '/cats/2', status: 200 });

        await usage.from('mongo').getUsage();
        await (app.get(Holder).storage as MongoPiggybackStorage).close();
        expect(await repository.count()).toBe(3);
      } finally {
        const client = (
          dataSource.driver as never as { queryRunner: { databaseConnection: { db(): never } } }
        ).queryRunner.databaseConnection;
        await dropPlace(client.db(), place);
        await close();
      }
    });
});
