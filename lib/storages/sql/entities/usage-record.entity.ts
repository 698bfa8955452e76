// A small part of TypeORM 1: an SQLite file of the storage's own needs no more of it.
import { Column } from 'typeorm/decorator/columns/Column.js';
import { PrimaryColumn } from 'typeorm/decorator/columns/PrimaryColumn.js';
import { Entity } from 'typeorm/decorator/entity/Entity.js';
import type {
  IpInfo,
  JsonObject,
  RequestArgs,
  UsageOutcome,
  UsageRecord,
  UserAgentInfo,
  UserAgentKind,
} from '../../../record/index.js';
import { instant, microseconds, wholeNumber } from './transformers.js';

class UserAgentColumns implements UserAgentInfo {
  @Column({ name: 'ua_browser', type: 'text', nullable: true })
  browser!: string | null;

  @Column({ name: 'ua_version', type: 'text', nullable: true })
  version!: string | null;

  @Column({ name: 'ua_platform', type: 'text', nullable: true })
  platform!: string | null;

  @Column({ name: 'ua_language', type: 'text', nullable: true })
  language!: string | null;

  @Column({ name: 'ua_string', type: 'text', nullable: true })
  string!: string | null;

  @Column({ name: 'ua_kind', type: 'text' })
  kind!: UserAgentKind;
}

/**
 * The table of records, for `@InjectRepository(UsageRecordEntity)`. It is there to be read: the
 * storage writes it, and its migrations, not `synchronize`, shape it.
 *
 * In the table, `date` is in milliseconds since 1970 and `speed_us` in whole microseconds.
 *
 * @publicApi
 */
@Entity({ name: 'usage_records', synchronize: false })
export class UsageRecordEntity implements UsageRecord {
  @PrimaryColumn({ name: 'id', type: 'varchar', length: 36 })
  id!: string;

  @Column({ name: 'date', type: 'bigint', transformer: instant })
  date!: Date;

  @Column({ name: 'url', type: 'text' })
  url!: string;

  @Column({ name: 'path', type: 'text' })
  path!: string;

  @Column({ name: 'method', type: 'text' })
  method!: string;

  @Column({ name: 'protocol', type: 'text' })
  protocol!: string;

  @Column({ name: 'route', type: 'text', nullable: true })
  route!: string | null;

  @Column({ name: 'blueprint', type: 'text', nullable: true })
  blueprint!: string | null;

  @Column({ name: 'handler', type: 'text', nullable: true })
  handler!: string | null;

  @Column({ name: 'view_args', type: 'simple-json', nullable: true })
  viewArgs!: RequestArgs | null;

  @Column({ name: 'url_args', type: 'simple-json' })
  urlArgs!: RequestArgs;

  @Column({ name: 'status', type: 'int' })
  status!: number;

  @Column({ name: 'outcome', type: 'text' })
  outcome!: UsageOutcome;

  @Column({ name: 'speed_us', type: 'bigint', transformer: microseconds })
  speed!: number;

  @Column({ name: 'content_length', type: 'bigint', transformer: wholeNumber })
  contentLength!: number;

  @Column({ name: 'remote_addr', type: 'text', nullable: true })
  remoteAddr!: string | null;

  @Column({ name: 'x_forwarded_for', type: 'text', nullable: true })
  xForwardedFor!: string | null;

  @Column({ name: 'referrer', type: 'text', nullable: true })
  referrer!: string | null;

  @Column({ name: 'authorization', type: Boolean })
  authorization!: boolean;

  @Column({ name: 'username', type: 'text', nullable: true })
  username!: string | null;

  @Column(() => UserAgentColumns, { prefix: false })
  userAgent!: UserAgentInfo;

  @Column({ name: 'ip_info', type: 'simple-json', nullable: true })
  ipInfo!: IpInfo | null;

  @Column({ name: 'visitor_id', type: 'text', nullable: true })
  visitorId!: string | null;

  @Column({ name: 'server_name', type: 'text' })
  serverName!: string;

  @Column({ name: 'track_var', type: 'simple-json', nullable: true })
  trackVar!: JsonObject | null;

  @Column({ name: 'weight', type: 'double precision' })
  weight!: number;
}
