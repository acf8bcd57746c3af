import type { Role } from '../contract/session.ts';
import { isNamed } from './person-names.ts';

/*
 * Who may see and decide an approval. The decide transaction, each list and each page ask here, and every further way
 * to decide has to.
 */

/** Those who may vote in a stage: all reviewers, all administrators, the members of a group, or one user. */
export type Addressee = 'everyone' | 'admins' | `group:${string}` | `user:${string}`;

/** A user at the moment of the question. */
export type Person = {
  id: string;
  name: string;
  roles: readonly Role[];
  /** Further names, such as e-mail addresses. */
  aliases: readonly string[];
  /** Ids of the groups that the person is a member of. */
  groups: readonly string[];
  /** Those whose deputy the person is now. A deputy does not pass the right on. */
  represents?: readonly Person[];
};

/** One stage of an approval's requirement. */
export type Stage = {
  /** From 1. */
  number: number;
  /** Approvals of different people. */
  needed: number;
  addressees: readonly Addressee[];
  /** The addressees as people name them, such as `finance`. */
  names: readonly string[];
};

/** A vote on the present version. */
export type CastVote = { stage: number; voter: string; onBehalfOf: string; vote: 'approve' | 'reject' };

/** An open approval, as far as it matters for who may decide. */
export type Standing = {
  stages: readonly Stage[];
  /** Number of the stage that takes votes. */
  stage: number;
  /** Names of the person that the assistant acts for. */
  actsFor: readonly string[];
  /** The person that the assistant acts for may approve. */
  allowSelf: boolean;
  /** Id of the user who wrote the present version. Null for the request itself. */
  editedBy: string | null;
  /** The votes on the present version. */
  votes: readonly CastVote[];
};

/** Why a person may not decide. `says` is a sentence for that person. */
export type Refusal = {
  code: 'no-reviewer' | 'not-addressed' | 'own-request' | 'own-edit' | 'already-voted';
  says: string;
};

/**
 * Undefined if the person may cast this vote now. `representing`: the person whose vote it is, for a deputy. The bans
 * hold for both people. The right to vote in the stage is the right of the represented person.
 */
export function refusalOf(
  standing: Standing,
  person: Person,
  vote: 'approve' | 'reject',
  representing: Person = person,
): Refusal | undefined {
  const stage = currentStage(standing);
  if (!person.roles.includes('reviewer') && !(person.roles.includes('admin') && stage.addressees.includes('admins')))
    return {
      code: 'no-reviewer',
      says: `This needs the role reviewer, which ${person.name} does not have. An administrator can grant it.`,
    };
  if (!isAddressed(representing, stage.addressees))
    return {
      code: 'not-addressed',
      says: `This request waits for ${listed(stage.names)}, and you can’t decide it for them. It stays open.`,
    };
  const people = [person, representing];
  const mine = standing.votes.filter(({ voter, onBehalfOf }) =>
    people.some(({ id }) => id === voter || id === onBehalfOf),
  );
  if (mine.length > 0 && !(vote === 'reject' && mine.every((each) => each.voter === person.id)))
    return { code: 'already-voted', says: 'You have voted on this version of the request. A person has one vote.' };
  if (vote === 'reject') return undefined;
  if (!standing.allowSelf && people.some((each) => isNamed(each, standing.actsFor)))
    return {
      code: 'own-request',
      says: 'The assistant acts for you here, so another person has to approve. You may reject it. It stays open.',
    };
  if (votesNeeded(standing) > 1 && people.some(({ id }) => id === standing.editedBy))
    return {
      code: 'own-edit',
      says: 'You wrote this version, so your approval does not count for it. Others have to approve it.',
    };
  return undefined;
}

/**
 * The person whose vote this person may cast now: the own one, or that of a represented person whom the request is
 * addressed to. An own vote comes first, since a person has one. `onBehalfOf`: id of the one person it has to be.
 */
export function rightToVote(
  standing: Standing,
  person: Person,
  vote: 'approve' | 'reject',
  onBehalfOf?: string,
): { representing: Person } | { refusal: Refusal } {
  if (onBehalfOf !== undefined && onBehalfOf !== person.id) {
    const representing = person.represents?.find(({ id }) => id === onBehalfOf);
    const refusal: Refusal | undefined =
      representing === undefined
        ? { code: 'not-addressed', says: 'You are no deputy of this person now. The request stays open.' }
        : refusalOf(standing, person, vote, representing);
    return refusal === undefined ? { representing: representing as Person } : { refusal };
  }
  const own = refusalOf(standing, person, vote);
  if (own === undefined) return { representing: person };
  if (own.code !== 'not-addressed') return { refusal: own };
  const tried = (person.represents ?? []).map((each) => ({
    representing: each,
    refusal: refusalOf(standing, person, vote, each),
  }));
  const found = tried.find(({ refusal }) => refusal === undefined);
  if (found !== undefined) return { representing: found.representing };
  return { refusal: tried.find(({ refusal }) => refusal?.code !== 'not-addressed')?.refusal ?? own };
}

/**
 * True if the person may see an approval with these addressees: those who may vote in a stage, administrators and
 * auditors always, other reviewers if everybody sees each group of it. `openGroups`: ids of the groups that everybody
 * sees.
 */
export function maySee(person: Viewer, addressees: readonly Addressee[], openGroups: readonly string[]): boolean {
  const view = viewOf(person, openGroups);
  if (view === 'all' || view === 'none') return view === 'all';
  if (addressees.some((addressee) => view.own.includes(addressee))) return true;
  const groups = addressees.filter((addressee) => addressee.startsWith('group:'));
  return groups.length > 0 && groups.every((group) => view.open.includes(group));
}

/**
 * The addressees behind `maySee`, for queries. `own`: one of them suffices. `open`: the groups that everybody sees.
 * `all`: the person sees every approval. `none`: the person has no role that reads approvals.
 */
export function viewOf(person: Viewer, openGroups: readonly string[]): View {
  if (person.roles.includes('admin') || person.roles.includes('auditor')) return 'all';
  if (!person.roles.includes('reviewer')) return 'none';
  return { own: addressesWithOthers(person), open: openGroups.map((group): Addressee => `group:${group}`) };
}

/** The part of all approvals that a person sees. See `viewOf`. */
export type View = 'all' | 'none' | { own: Addressee[]; open: Addressee[] };

/** The part of a person that says what the person sees. */
type Viewer = Pick<Person, 'id' | 'roles' | 'groups' | 'represents'>;

/** The addressees of the person and of those whom the person represents. */
export function addressesWithOthers({ represents = [], ...person }: Viewer): Addressee[] {
  return [...new Set([person, ...represents].flatMap(addressesOf))];
}

/** The addressees of which one makes the person a voter of the stage. */
function addressesOf({ id, roles, groups }: Pick<Person, 'id' | 'roles' | 'groups'>): Addressee[] {
  return [
    ...(roles.includes('reviewer')
      ? (['everyone', `user:${id}`, ...groups.map((group) => `group:${group}`)] as Addressee[])
      : []),
    ...(roles.includes('admin') ? (['admins'] as Addressee[]) : []),
  ];
}

/** The stage that takes votes. @throws Error for a stage that does not exist. */
export function currentStage({ stages, stage }: Pick<Standing, 'stages' | 'stage'>): Stage {
  const current = stages.find(({ number }) => number === stage);
  if (current === undefined) throw new Error(`The approval has no stage ${stage}.`);
  return current;
}

/** The approvals that the whole requirement takes. */
export function votesNeeded({ stages }: Pick<Standing, 'stages'>): number {
  return stages.reduce((sum, { needed }) => sum + needed, 0);
}

/** The approvals of the present version in its present stage. */
export function votesGiven({ votes, stage }: Pick<Standing, 'votes' | 'stage'>): number {
  return votes.filter((each) => each.vote === 'approve' && each.stage === stage).length;
}

/**
 * The stages that these people can't fill, each person counting once in all stages. `standing.votes` are counted as
 * given.
 */
export function unfillableStages(standing: Standing, people: readonly Person[]): Stage[] {
  const takenBy = new Map<string, string>();
  const able = (stage: Stage) =>
    people.filter((person) => refusalOf({ ...standing, stage: stage.number }, person, 'approve') === undefined);
  const unfillable: Stage[] = [];
  for (const stage of standing.stages.filter(({ number }) => number >= standing.stage)) {
    const voters = able(stage);
    const open = stage.needed - (stage.number === standing.stage ? votesGiven(standing) : 0);
    const seats = Array.from({ length: open }, (_, index) => `${stage.number}.${index}`);
    if (!seats.every((seat) => take(seat, voters, new Set()))) unfillable.push(stage);
  }
  return unfillable;

  // Kuhn's algorithm: a person moves to another seat that is free for this person.
  function take(seat: string, voters: readonly Person[], tried: Set<string>): boolean {
    for (const { id } of voters) {
      if (tried.has(id)) continue;
      tried.add(id);
      const other = takenBy.get(id);
      const others =
        other === undefined ? [] : able(standing.stages.find(({ number }) => other.startsWith(`${number}.`))!);
      if (other === undefined || take(other, others, tried)) {
        takenBy.set(id, seat);
        return true;
      }
    }
    return false;
  }
}

function isAddressed(person: Person, addressees: readonly Addressee[]): boolean {
  return addressesOf(person).some((addressee) => addressees.includes(addressee));
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'other people' : names.join(' or ');
}
