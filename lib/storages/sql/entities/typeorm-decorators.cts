import type { Column } from 'typeorm/decorator/columns/Column.js';
import type { PrimaryColumn } from 'typeorm/decorator/columns/PrimaryColumn.js';
import type { Entity } from 'typeorm/decorator/entity/Entity.js';

// A CommonJS module, because only `require` can find at once that a package is missing. An `import`
// of TypeORM would end the process before a storage can say what to install.

interface Decorators {
  readonly Column: typeof Column;
  readonly PrimaryColumn: typeof PrimaryColumn;
  readonly Entity: typeof Entity;
}

// Deep paths load a small part of TypeORM 1 only: an SQLite file of the storage's own needs no more.
// They stand outside of `try`, so that bundlers put the modules into the bundle.
function load(): Decorators {
  const { Column } = require('typeorm/decorator/columns/Column.js') as Decorators;
  const { PrimaryColumn } = require('typeorm/decorator/columns/PrimaryColumn.js') as Decorators;
  const { Entity } = require('typeorm/decorator/entity/Entity.js') as Decorators;
  return { Column, PrimaryColumn, Entity };
}

/** TypeORM's decorators; decorators that do nothing if TypeORM is not installed. */
function loadDecorators(): Decorators {
  try {
    return load();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'MODULE_NOT_FOUND' || !message.includes("'typeorm/")) throw error;
    const none = () => () => {};
    return { Column: none, PrimaryColumn: none, Entity: none };
  }
}

const decorators = loadDecorators();

// A tool that compiles the importing module to CommonJS may read `default`.
export = { ...decorators, default: decorators };
