import { percentDecode } from '../text-decoding.js';
import { API_CLIENTS } from './api-clients.js';

/** An application that a header names before the library or the browser that it uses. */
export interface NamedApplication {
  readonly name: string;
  readonly version: string;
  /** Whether it uses a known HTTP library. */
  readonly usesLibrary: boolean;
}

/** Matches an application's name, which may have spaces, with its version. */
const APPLICATION = /^(?!Mozilla\b|Opera\b)([^/(;,@]{1,64})\/v?(\d[\w.+-]*)/i;
/**
 * Other forms, in which SDKs name themselves: `@acme/sdk/1.2.3`, `@acme/sdk@1.2.3`, `acme-node:v1.2.3`,
 * `Acme/JS 1.2.3`, and `Acme Node SDK v1.2.3`.
 */
const SDK_FORMS = [
  /^(@[\w.-]{1,32}\/[\w.-]{1,32})[/@ ]v?(\d[\w.+-]*)/i,
  /^([a-z][\w.-]{0,63}):v?(\d+\.[\w.+-]*)/i,
  /^(?!Mozilla\b|Opera\b)([a-z][\w.-]{0,31}\/[a-z][\w.-]{0,31}(?: App)?)[/ ]v?(\d+\.[\w.+-]*)/i,
  /^([a-z][\w.-]{0,31}(?: [a-z][\w.-]{0,31}){1,4}) v(\d+\.[\w.+-]*)/i,
];
/** Matches a name that ends in the version, before the number of the build: `Castro 2020.14/1287`. */
const WITH_VERSION = /^(.*\D) v?(\d+\.[\d.]*\d)$/;
/** Devices, which old browsers name first. */
const DEVICE =
  /^(?:Nokia|SAMSUNG|BlackBerry|SonyEricsson|LGE?[-_ ]|MOT-|HTC|ZTE|SIE-|Alcatel|Huawei|UCWEB|JUC)/i;
/** Matches before each further product. */
const PRODUCT_START = /[ )](?=[A-Za-z])/g;
/** Products that are searched for a library. */
const MAX_PRODUCTS = 12;

/** The application that a header names first; null if it names a library or nothing first. */
export function findApplication(header: string): NamedApplication | null {
  const [, name, version] = APPLICATION.exec(header) ?? sdkOf(header) ?? [];
  if (name === undefined || version === undefined) return null;
  if (DEVICE.test(name) || namesLibrary(header)) return null;
  const [, bare = name, own = version] = WITH_VERSION.exec(name) ?? [];
  // iOS percent-encodes the name of an application.
  return { name: percentDecode(bare), version: own, usesLibrary: usesLibrary(header) };
}

function sdkOf(header: string): RegExpExecArray | null {
  for (const form of SDK_FORMS) {
    const match = form.exec(header);
    if (match) return match;
  }
  return null;
}

function usesLibrary(header: string): boolean {
  let left = MAX_PRODUCTS;
  for (const { index } of header.matchAll(PRODUCT_START)) {
    if (left-- === 0) return false;
    if (namesLibrary(header.slice(index + 1))) return true;
  }
  return false;
}

/** Whether a header begins with the name of an HTTP library. */
function namesLibrary(header: string): boolean {
  return API_CLIENTS.some(({ pattern }) => pattern.exec(header)?.index === 0);
}
