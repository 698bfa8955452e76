import { parseAddress } from '../client-address.js';

/** Whether an address is one of the public internet, so that somebody can know where it is. */
export function isPublicAddress(address: string): boolean {
  const parsed = parseAddress(address);
  if (parsed === null || parsed.range() !== 'unicast') return false;
  // 2000::/3 is all that has been given out of IPv6.
  return parsed.kind() === 'ipv4' || ((parsed.toByteArray()[0] ?? 0) & 0xe0) === 0x20;
}
