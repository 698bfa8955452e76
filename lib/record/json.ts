/**
 * A value that JSON writes and reads back unchanged.
 *
 * @publicApi
 */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;

/**
 * An object of JSON values. Its names are data: `__proto__` is a name like any other.
 *
 * @publicApi
 */
export interface JsonObject {
  [name: string]: JsonValue;
}

/**
 * Sets an own property under any name. Plain assignment to `__proto__` would change the prototype.
 * This function defines a data property instead, like `JSON.parse`.
 */
export function setOwn<T>(target: Record<string, T>, name: string, value: T): void {
  if (name === '__proto__') {
    Object.defineProperty(target, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else {
    target[name] = value;
  }
}
