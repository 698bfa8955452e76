import type { UsageStorage } from 'nestjs-track-usage';
import type { ClickHouseParts } from '../../../lib/storages/clickhouse/clickhouse.storage.js';

/** Asks a server of ClickHouse, and returns its answer as text. */
export async function clickHouse(url: string, query: string): Promise<string> {
  const { origin, username, password } = new URL(url);
  const response = await fetch(origin, {
    method: 'POST',
    body: query,
    headers: !username ? {} : { Authorization: `Basic ${btoa(`${username}:${password}`)}` },
  });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text.trimEnd();
}

/** The options of a storage with tables of its own. */
export function tablesOf(place: string) {
  return { recordTable: place, summaryTable: `${place}_s` };
}

/** Drops the tables of a place. */
export async function dropPlace(url: string, place: string): Promise<void> {
  for (const table of [
    place,
    `${place}_s`,
    `${place}_notes`,
    `${place}_writes`,
    `${place}_aside`,
    `${place}_s_hours`,
    `${place}_s_days`,
  ])
    await clickHouse(url, `DROP TABLE IF EXISTS ${table} SYNC`);
}

/** Counts past hours and days in rows, as the storage does every five minutes. */
export function countHours(storage: UsageStorage): Promise<boolean> {
  return (storage as unknown as { use(): ClickHouseParts }).use().hours.advance();
}
