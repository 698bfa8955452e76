export { byApiKey, type ApiKeyOptions, type ApiKeyReader } from './by-api-key.js';
export { byClientHeaders, type ClientHeadersReader } from './by-client-headers.js';
export { byUser, isUserReader, type UserReader } from './by-user.js';
export type { CurrentCall } from './current-call.js';
export { OptionFunctions } from './option-functions.js';
export type { UsageClient, UsageClientReader } from './usage-client.js';
export type { UsageConsumer, UsageConsumerReader } from './usage-consumer.js';
