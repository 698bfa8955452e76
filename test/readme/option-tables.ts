import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const lib = fileURLToPath(new URL('../../lib/', import.meta.url));

/** Options of these have a table of their own, which the pages of the others link to. */
const SHARED = ['StorageOptions', 'DeliveryOptions', 'CaptureOptions', 'EnrichmentOptions'];

/** Where options of the module stand, and the pages that say more about one of them. */
const OF_MODULE = ['docs/guide/options.md', 'docs/storages/index.md'];
const MORE: Readonly<Record<string, string>> = {
  mode: 'guide/tracking.md',
  consumer: 'guide/consumers.md',
  client: 'guide/consumers.md',
  trackVar: 'guide/consumers.md',
  storages: 'storages/index.md',
  service: 'operations/services.md',
  geoIp: 'guide/geography.md',
  cookie: 'privacy/visitors.md',
  visitors: 'privacy/visitors.md',
  deprecationHeaders: 'reports/routes.md',
  ip: 'privacy/index.md',
  redact: 'privacy/index.md',
  anonymize: 'privacy/index.md',
  timeZone: 'reports/summaries.md',
  onTimeZoneChange: 'reports/summaries.md',
  maxKeys: 'reports/summaries.md',
  retention: 'operations/retention.md',
  journal: 'operations/journal.md',
  events: 'guide/hooks.md',
  shutdownTimeout: 'operations/shutdown.md',
  hooks: 'guide/hooks.md',
};

/** A longer type is shown by its name. */
const LONGEST_TYPE = 80;

export interface Option {
  readonly name: string;
  /** As the source writes it. */
  readonly type: string;
  readonly isRequired: boolean;
  /** What `@default` says; undefined without one. */
  readonly default: string | undefined;
  /** The docstring without its tags. */
  readonly meaning: string;
}

/** The declarations of options in `lib/`, read from the sources. */
export class OptionSources {
  private readonly interfaces = new Map<string, ts.InterfaceDeclaration>();
  private readonly aliases = new Map<string, string>();

  constructor() {
    for (const path of readdirSync(lib, { recursive: true, encoding: 'utf8' })) {
      if (!path.endsWith('.ts')) continue;
      const text = readFileSync(posix.join(lib, path), 'utf8');
      if (!/^export (interface|type) /m.test(text)) continue;
      const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
      for (const statement of source.statements) this.take(statement);
    }
  }

  private take(statement: ts.Statement): void {
    if (ts.isInterfaceDeclaration(statement)) this.interfaces.set(statement.name.text, statement);
    if (ts.isTypeAliasDeclaration(statement) && !statement.typeParameters) {
      const text = textOf(statement.type);
      if (text.length <= LONGEST_TYPE) this.aliases.set(statement.name.text, text);
    }
  }

  /** Every public interface whose name ends in `Options`. */
  publicNames(): string[] {
    return [...this.interfaces]
      .filter(([name, node]) => {
        const tags = ts.getJSDocTags(node).map(({ tagName }) => tagName.text);
        return name.endsWith('Options') && tags.includes('publicApi');
      })
      .map(([name]) => name);
  }

  /**
   * The options of an interface, then those that it inherits, without the shared ones. Of a union,
   * those of each of its interfaces, none of which must be given.
   */
  optionsOf(name: string): Option[] {
    const union = this.aliases.get(name)?.split(' | ');
    if (union !== undefined) {
      const every = union.flatMap((each) => this.optionsOf(each));
      return [
        ...new Map(every.map((each) => [each.name, { ...each, isRequired: false }])).values(),
      ];
    }
    const node = this.interfaces.get(name);
    if (node === undefined) throw new Error(`lib/ has no interface ${name}`);
    const own = node.members.filter(ts.isPropertySignature).flatMap((each) => this.rowsOf(each));
    const bases = (node.heritageClauses ?? [])
      .flatMap(({ types }) => types.map(({ expression }) => expression.getText()))
      .filter((base) => this.interfaces.has(base) && !SHARED.includes(base));
    return [...own, ...bases.flatMap((base) => this.optionsOf(base))];
  }

  /** An option, or the options inside it that have docstrings of their own. */
  private rowsOf(node: ts.PropertySignature): Option[] {
    const inside: readonly ts.TypeElement[] =
      node.type && ts.isTypeLiteralNode(node.type) ? node.type.members : [];
    const documented = inside
      .filter(ts.isPropertySignature)
      .filter((each) => ts.getJSDocCommentsAndTags(each).length > 0);
    if (documented.length === 0) return [this.optionOf(node)];
    const name = node.name.getText();
    return documented.map((each) => {
      const option = this.optionOf(each);
      return { ...option, name: `${name}.${option.name}` };
    });
  }

  private optionOf(node: ts.PropertySignature): Option {
    const comment = ts.getJSDocCommentsAndTags(node).find(ts.isJSDoc);
    const tag = comment?.tags?.find(({ tagName }) => tagName.text === 'default');
    const type = node.type ? textOf(node.type) : 'unknown';
    return {
      name: node.name.getText(),
      type: this.aliases.get(type) ?? type,
      isRequired: node.questionToken === undefined,
      default: oneLine(ts.getTextOfJSDocComment(tag?.comment)),
      meaning: oneLine(ts.getTextOfJSDocComment(comment?.comment)) ?? '',
    };
  }
}

/** The table of options as a page of the manual has it, between its two marks. */
export function optionTable(options: readonly Option[], page: string): string {
  const rows = options.map((option) => {
    const more = OF_MODULE.includes(page) ? MORE[option.name] : undefined;
    const path = more && posix.relative(posix.dirname(page), `docs/${more}`);
    const code = `\`${option.name}\``;
    const name = path && `docs/${more}` !== page ? `[${code}](${path})` : code;
    const value = option.default ?? (option.isRequired ? 'must be given' : 'none');
    return [`${name}<br>\`${option.type}\``, shownDefault(value), option.meaning];
  });
  return [['option and type', 'default', 'meaning'], ['---', '---', '---'], ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}

/** A value in code, words as they are. */
function shownDefault(text: string): string {
  const isValue = /^('[^']*'|[\d_]+|true|false|\[.*\]|\{.*\}|[A-Z_]+|\w+\(\)|\w+\.\w+)$/.test(text);
  return isValue
    ? `\`${text}\``
    : text.replaceAll(/(?<!`)'[^' ]+'(?!`)/g, (value) => `\`${value}\``);
}

function textOf(node: ts.Node): string {
  return node
    .getText()
    .replaceAll(/\/\/.*$/gm, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/^\| |(?<=\() (?=\|)|, (?=\))/g, '')
    .replaceAll(/\(\s|\s\)/g, (text) => text.trim())
    .trim();
}

function oneLine(text: string | undefined): string | undefined {
  return text?.replaceAll(/\s+/g, ' ').trim();
}
