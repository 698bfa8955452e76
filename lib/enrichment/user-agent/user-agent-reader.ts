import { LRUCache } from 'lru-cache';
import type { UserAgentInfo } from '../../record/index.js';
import { headerText } from '../text-decoding.js';
import type { Redactor } from '../privacy/redactor.js';
import { MAX_TEXT_LENGTH, MAX_USER_AGENT_LENGTH, sanitizeText } from '../text-limits.js';
import { parseUserAgent, type ParsedUserAgent } from './parse-user-agent.js';

const MAX_REMEMBERED = 2000;

/** The most languages cached with one user agent. Few people share a whole header. */
const MAX_LANGUAGES = 8;

/** The cached results of one `User-Agent` header. */
interface Agent extends ParsedUserAgent {
  readonly string: string | null;
  readonly byLanguage: Map<string | null, UserAgentInfo>;
}

/** Reads `User-Agent` and `Accept-Language` headers. Caches the result of each distinct header. */
export class UserAgentReader {
  private readonly agents = new LRUCache<string, Agent>({ max: MAX_REMEMBERED });
  private readonly languages = new LRUCache<string, { first: string | null }>({
    max: MAX_REMEMBERED,
  });
  private readonly nobody: Agent = agentOf(null);

  /** @param redactor Replaces keys in the stored header; null keeps them. */
  constructor(private readonly redactor: Pick<Redactor, 'keys'> | null = null) {}

  /**
   * Reads the headers of a request. Requests of the same client get the same frozen object as long
   * as it is cached, which saves memory while they wait to be stored.
   *
   * @param userAgent The `User-Agent` header.
   * @param acceptLanguage The `Accept-Language` header.
   */
  read(userAgent: string | null, acceptLanguage: string | null): UserAgentInfo {
    const agent = userAgent === null ? this.nobody : this.agent(userAgent);
    const { byLanguage } = agent;
    const language = acceptLanguage === null ? null : this.language(acceptLanguage);
    let info = byLanguage.get(language);
    if (info === undefined) {
      const { browser, version, platform, string, kind } = agent;
      info = Object.freeze({ browser, version, platform, language, string, kind });
      if (byLanguage.size >= MAX_LANGUAGES) byLanguage.clear();
      byLanguage.set(language, info);
    }
    return info;
  }

  private agent(header: string): Agent {
    // A longer header would be cached at its whole length.
    const text = header.length > MAX_USER_AGENT_LENGTH ? this.keptText(header) : null;
    const key = text ?? header;
    let agent = this.agents.get(key);
    if (agent === undefined) {
      agent = agentOf(text ?? this.keptText(header));
      this.agents.set(key, agent);
    }
    return agent;
  }

  private keptText(header: string): string {
    const text = headerText(header);
    // Replaces keys before cutting, so that no part of a key stays.
    return sanitizeText(this.redactor ? this.redactor.keys(text) : text, MAX_USER_AGENT_LENGTH);
  }

  private language(header: string): string | null {
    const key = header.length > MAX_TEXT_LENGTH ? sanitizeText(header) : header;
    let known = this.languages.get(key);
    if (known === undefined) {
      known = { first: firstLanguage(sanitizeText(key)) };
      this.languages.set(key, known);
    }
    return known.first;
  }
}

const UNKNOWN_AGENT: ParsedUserAgent = {
  browser: null,
  version: null,
  platform: null,
  kind: 'unknown',
};

/** @param string A header as text, within its limit. */
function agentOf(string: string | null): Agent {
  const parsed = string ? parseUserAgent(string) : UNKNOWN_AGENT;
  return { ...parsed, string, byLanguage: new Map() };
}

const LANGUAGE = /^[a-z]{1,8}(?:-[a-z0-9]{1,8})*$/i;
const QUALITY = /^\s*q\s*=\s*(\d(?:\.\d+)?)\s*$/i;

/**
 * The first choice of an `Accept-Language` header, as sent: the language of the highest quality, or
 * the first of several. Null if the header names no language.
 */
export function firstLanguage(header: string): string | null {
  let best: string | null = null;
  let bestQuality = 0;
  for (const choice of header.split(',')) {
    const [tag = '', ...params] = choice.split(';');
    const language = tag.trim();
    const quality = qualityOf(params);
    if (quality > bestQuality && LANGUAGE.test(language)) {
      best = language;
      bestQuality = quality;
    }
  }
  return best;
}

function qualityOf(params: readonly string[]): number {
  for (const param of params) {
    const quality = QUALITY.exec(param)?.[1];
    if (quality !== undefined) return Math.min(1, Number(quality));
  }
  return 1;
}
