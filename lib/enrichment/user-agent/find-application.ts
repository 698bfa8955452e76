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
const APPLICATION = /^(?!Mozilla\b|Opera\b)([^/(;,]{1,64})\/v?(\d[\w.+-]*)/i;
/** Devices, which old browsers name first. */
const DEVICE =
  /^(?:Nokia|SAMSUNG|BlackBerry|SonyEricsson|LGE?[-_ ]|MOT-|HTC|ZTE|SIE-|Alcatel|Huawei|UCWEB|JUC)/i;
/** Matches before each further product. */
const PRODUCT_START = /[ )](?=[A-Za-z])/g;
/** Products that are searched for a library. */
const MAX_PRODUCTS = 12;

/** The application that a header names first; null if it names a library or nothing first. */
export function findApplication(header: string): NamedApplication | null {
  const [, name, version] = APPLICATION.exec(header) ?? [];
  if (name === undefined || version === undefined) return null;
  if (DEVICE.test(name) || namesLibrary(header)) return null;
  // iOS percent-encodes the name of an application.
  return { name: percentDecode(name), version, usesLibrary: usesLibrary(header) };
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
