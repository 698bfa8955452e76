/** A value that JSON can carry and give back unchanged. */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;

/** An object of JSON values. Its names are data: `__proto__` is a name like any other. */
export interface JsonObject {
  [name: string]: JsonValue;
}
