import type { GroupRole } from './provider-options.ts';
import { roleNames, type Role } from '../contract/session.ts';

type Claims = Readonly<Record<string, unknown>>;

/** The groups of a person. `unknown`: the provider sent no list. `too-many`: it says that the list is elsewhere. */
export type Groups = { known: readonly string[] } | { known: undefined; because: 'unknown' | 'too-many' };

/**
 * The groups in the first of the claims that has them. The claim is a list of texts, or one text. Its name is a
 * property, or a path with points, such as `realm_access.roles`.
 */
export function readGroups(claim: string, ...claimSets: readonly Claims[]): Groups {
  for (const claims of claimSets) {
    const value = valueOf(claims, claim);
    if (typeof value === 'string') return { known: [value] };
    if (Array.isArray(value))
      return { known: value.filter((group): group is string => typeof group === 'string' && group !== '') };
  }
  const isElsewhere = claimSets.some((claims) => valueOf(claims, '_claim_names', claim) !== undefined);
  return { known: undefined, because: isElsewhere ? 'too-many' : 'unknown' };
}

/** The roles that groups give. Unknown groups give none. */
export function rolesOf({ known = [] }: Groups, roles: readonly GroupRole[]): Role[] {
  return roleNames.filter((name) => roles.some(({ group, role }) => role === name && known.includes(group)));
}

/** Names for a new user, the most unique one first. */
export function namesOf(...claimSets: readonly Claims[]): string[] {
  return ['preferred_username', 'email', 'name', 'sub'].flatMap((claim) => {
    const value = claimSets.map((claims) => claims[claim]).find((each) => typeof each === 'string');
    return typeof value === 'string' ? [value] : [];
  });
}

function valueOf(claims: Claims, ...path: readonly string[]): unknown {
  const [name = '', ...rest] = path;
  const own = property(claims, name);
  if (own !== undefined || rest.length > 0) return rest.length === 0 ? own : property(own, ...rest);
  return name.includes('.') ? property(claims, ...name.split('.')) : undefined;
}

function property(value: unknown, ...names: readonly string[]): unknown {
  return names.reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, name)
        ? (inner as Record<string, unknown>)[name]
        : undefined,
    value,
  );
}
