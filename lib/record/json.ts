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
