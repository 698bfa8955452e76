/**
 * The names whose values are redacted by default. Each matches one or more whole words of a name.
 * Case and separators are ignored: `api_key` covers `apiKey`, `API-KEY`, `x.api.key` and `apikey`.
 *
 * @example
 * TrackUsageModule.forRoot({ redact: [...DEFAULT_REDACTED_NAMES, 'iban'] });
 *
 * @publicApi
 */
export const DEFAULT_REDACTED_NAMES: readonly string[] = Object.freeze([
  // Single words also match in names of several words: `api_key`, `resetToken`, `X-Amz-Signature`.
  ...['token', 'password', 'secret', 'key', 'auth', 'session', 'signature', 'code'],
  ...[
    'authorization',
    'authentication',
    'bearer',
    'cookie',
    'credential',
    'creds',
    'oauth',
    'oauth2',
  ],
  ...['passwd', 'passphrase', 'passcode', 'pass', 'pwd', 'pw', 'pin', 'otp', 'totp', 'mfa'],
  ...['jwt', 'jws', 'jwe', 'saml', 'saml_response', 'saml_request', 'assertion', 'ticket', 'nonce'],
  ...['sid', 'sess', 'sig', 'hmac', 'salt', 'csrf', 'xsrf', 'invite', 'verifier'],
  ...['ssn', 'cvv', 'cvc', 'iban', 'card_number', 'credit_card'],
  // Compounds of these words, because they are often written as one word.
  ...['apikey', 'api_token', 'api_secret', 'app_key', 'app_secret', 'access_key', 'access_token'],
  ...[
    'auth_token',
    'auth_code',
    'auth_key',
    'id_token',
    'refresh_token',
    'csrf_token',
    'xsrf_token',
  ],
  ...['session_id', 'session_key', 'session_token', 'jsessionid', 'phpsessid', 'aspsessionid'],
  ...[
    'client_secret',
    'client_key',
    'consumer_key',
    'consumer_secret',
    'private_key',
    'secret_key',
  ],
  ...['encryption_key', 'license_key', 'user_token', 'login_token', 'reset_token'],
  ...['device_token', 'bearer_token', 'security_token', 'sas_token', 'shared_key', 'signing_key'],
  ...['new_password', 'old_password', 'user_password', 'password_confirmation', 'my_password'],
  ...['confirm_password', 'current_password', 'user_pass', 'pass_key', 'master_key', 'service_key'],
  ...['code_verifier', 'code_challenge', 'security_code', 'verification_code', 'one_time_password'],
  ...[
    'access_code',
    'auth_session',
    'session_secret',
    'cookie_secret',
    'webhook_secret',
    'token_id',
  ],
]);
