import type { UsageStorage } from '../storages/contract/usage-storage.js';
import { DELIVERY_OPTIONS } from '../storages/contract/delivery-options.js';
import { checkOptions, isCount, isText } from '../support/option-checks.js';
import { TrackUsageOptionsError } from '../support/track-usage-options.error.js';

/** Checks the `storages` option: contract, delivery options and name of each storage. */
export function checkStorages(option: string, storages: unknown): void {
  if (!Array.isArray(storages) || storages.length === 0)
    throw new TrackUsageOptionsError(
      option,
      storages,
      'an array of at least one storage, or no such option for the embedded SQLite',
    );
  const names = new Map<string, number>();
  for (const [index, storage] of (storages as unknown[]).entries()) {
    const path = `${option}[${index}]`;
    checkStorage(path, storage);
    const earlier = names.get(storage.name);
    if (earlier !== undefined)
      throw new TrackUsageOptionsError(
        `${path}.name`,
        storage.name,
        `a name that ${option}[${earlier}] does not have; give one of them the option name`,
      );
    names.set(storage.name, index);
  }
}

function checkStorage(path: string, storage: unknown): asserts storage is UsageStorage {
  if (typeof storage !== 'object' || storage === null)
    throw new TrackUsageOptionsError(path, storage, 'a storage: an object with name and store');
  const { name, store, options } = storage as Partial<UsageStorage>;
  isText(`${path}.name`, name);
  if (typeof store !== 'function')
    throw new TrackUsageOptionsError(
      `${path}.store`,
      store,
      'a function that takes an array of records and returns a promise',
    );
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null)
    throw new TrackUsageOptionsError(`${path}.options`, options, 'an object of options');
  const { hooks, maxKeys } = options;
  if (hooks !== undefined && !Array.isArray(hooks))
    throw new TrackUsageOptionsError(`${path}.options.hooks`, hooks, 'an array of hooks');
  if (maxKeys !== undefined) isCount(`${path}.options.maxKeys`, maxKeys);
  const delivery = Object.entries(options).filter(([option]) =>
    Object.hasOwn(DELIVERY_OPTIONS, option),
  );
  checkOptions(Object.fromEntries(delivery), DELIVERY_OPTIONS, `${path}.`);
}
