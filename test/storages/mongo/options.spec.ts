import { MongoPiggybackStorage, MongoStorage } from 'nestjs-track-usage/mongo';
import { describe, expect, it } from 'vitest';

const uri = 'mongodb://db.example:27017/shop';

describe('MongoStorage refuses', () => {
  it.each([
    [{}, /uri.*or host, but got neither/],
    [{ uri: undefined }, /uri: expected a URI.*but got undefined.*environment variable/],
    [{ host: undefined }, /host: expected.*undefined.*environment variable/],
    [{ uri: '' }, /uri: expected.*but got ''/],
    [{ uri: 'postgres://u:secret@db/x' }, /uri: expected mongodb:\/\/.*postgres:\/\/\*\*\*@db/],
    [{ uri, host: 'db' }, /one of uri and host, but got both/],
    [{ uri, port: 1 }, /port belong to host/],
    [{ host: 'db', port: '27017' }, /port: expected a whole number.*but got '27017'/],
    [{ host: 'db', port: undefined }, /port: expected.*undefined/],
    [{ host: 'db', username: 'ada' }, /username and password, but got only username/],
    [{ host: 'db', username: 'ada', password: undefined }, /password: expected text.*undefined/],
    [{ host: 'db/evil?x=1' }, /host: expected/],
    [{ uri, database: undefined }, /database: expected.*undefined.*environment variable/],
    [{ uri, database: 'a.b' }, /database: expected the name of a database, but got 'a.b'/],
    [{ uri, database: { $ne: 1 } }, /database: expected/],
    [{ uri, collection: '' }, /collection: expected the name of a collection, but got ''/],
    [{ uri, collection: 'a$b' }, /collection/],
    [{ uri, summaryCollection: 5 }, /summaryCollection: expected.*but got 5/],
    [{ uri, lazyConnect: 'yes' }, /lazyConnect: expected true or false, but got 'yes'/],
    [{ uri, ttl: { year: '1y' } }, /ttl\.year: expected one of the fields records, hour/],
    [{ uri, ttl: { records: '90' } }, /ttl\.records: expected a length.*but got '90'/],
    [{ uri, ttl: '90d' }, /ttl: expected an object/],
    [undefined, /options/],
  ])('%j', (options, message) => {
    expect(() => new MongoStorage(options as never)).toThrow(message);
  });

  it('to show a password', () => {
    const bad = () => new MongoStorage({ uri: 'http://ada:secret@db' });
    expect(bad).toThrow(/http:\/\/\*\*\*@db/);
    expect(bad).not.toThrow(/secret/);
  });
});

describe('MongoPiggybackStorage refuses', () => {
  const db = { databaseName: 'x', collection() {}, command() {} };
  it.each([
    [{}, /one of collection, db, client, but got none of them/],
    [{ db, client: { db() {} } }, /but got db and client/],
    [{ db: undefined }, /db: expected a database of the mongodb driver, but got undefined/],
    [{ collection: 'usage' }, /collection: expected a collection.*but got 'usage'/],
    [{ collection: db }, /collection: expected a collection/],
    [{ client: {} }, /client: expected a MongoClient/],
    [{ db, collectionName: '$x' }, /collectionName/],
  ])('%o', (options, message) => {
    expect(() => new MongoPiggybackStorage(options as never)).toThrow(message);
  });
});
