// What the contract of storages makes and counts with, which the package does not publish.
export { bruteForce, KEYS, totalsOf, unmeasured } from '../../lib/testing/contract/brute-force.js';
export { randomNumbers, randomTraffic } from '../../lib/testing/contract/random-traffic.js';
export { unusualRecords } from '../../lib/testing/contract/unusual-records.js';
export { assertReport } from '../../lib/testing/contract/reports/assert-report.js';
export { VALUES } from '../../lib/testing/contract/reports/record-values.js';
export { WallClock } from '../../lib/testing/contract/reports/wall-clock.js';
export { randomQuestion } from '../../lib/testing/contract/reports/random-question.js';
