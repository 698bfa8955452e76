/** Something that a migration of a storage would do. */
export interface MigrationStep {
  /** What it is: the name of a migration or an index. */
  readonly name: string;
  /** The statements that do it, where the database has some that an administrator can run. */
  readonly statements: readonly string[];
}
