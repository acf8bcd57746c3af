/** The databases that Holdpoint speaks to. */
export type DatabaseKind = 'sqlite' | 'postgres';
