import { LRUCache } from 'lru-cache';
import type { UserAgentInfo } from '../../record/index.js';
import { MAX_USER_AGENT_LENGTH, storable } from '../text-limits.js';
import { firstLanguage } from './accept-language.js';
import { parseUserAgent, type ParsedUserAgent } from './parse-user-agent.js';

const MAX_REMEMBERED = 2000;

/** Reads what a client says of itself. Each distinct header is parsed once, then remembered. */
export class UserAgentReader {
  private readonly agents = new LRUCache<string, ParsedUserAgent>({ max: MAX_REMEMBERED });
  private readonly languages = new LRUCache<string, { first: string | null }>({
    max: MAX_REMEMBERED,
  });

  /**
   * @param userAgent The `User-Agent` header.
   * @param acceptLanguage The `Accept-Language` header.
   */
  read(userAgent: string | null, acceptLanguage: string | null): UserAgentInfo {
    const string = userAgent === null ? null : storable(userAgent, MAX_USER_AGENT_LENGTH);
    const { browser, version, platform, kind } =
      string === null || string === '' ? NOTHING : this.agent(string);
    const language = acceptLanguage === null ? null : this.language(storable(acceptLanguage));
    return { browser, version, platform, language, string, kind };
  }

  private agent(string: string): ParsedUserAgent {
    let parsed = this.agents.get(string);
    if (parsed === undefined) {
      parsed = parseUserAgent(string);
      this.agents.set(string, parsed);
    }
    return parsed;
  }

  private language(header: string): string | null {
    let known = this.languages.get(header);
    if (known === undefined) {
      known = { first: firstLanguage(header) };
      this.languages.set(header, known);
    }
    return known.first;
  }
}

const NOTHING: ParsedUserAgent = { browser: null, version: null, platform: null, kind: 'unknown' };
