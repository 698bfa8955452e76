// What the contract of storages makes and counts with, which the package does not publish.
export { bruteForce, KEYS, totalsOf, unmeasured } from '../../lib/testing/contract/brute-force.js';
export { randomNumbers, randomTraffic } from '../../lib/testing/contract/random-traffic.js';
export { unusualRecords } from '../../lib/testing/contract/unusual-records.js';
