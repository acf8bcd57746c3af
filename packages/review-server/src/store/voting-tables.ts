import type { Addressee } from '../policy/may-decide.ts';

/* Groups, and the requirement, versions and votes of approvals. The types of columns are those of `tables.ts`. */

export type GroupsTable = {
  id: string;
  name: string;
  /** The name as it is compared. Unique among the groups that are not removed. */
  name_key: string;
  /** Who sees approvals addressed to the group. */
  visible_to: 'everyone' | 'members';
  created_at: string;
  created_by: string;
  /** A removed group takes no new requests. Its members still decide the open ones. */
  removed_at: string | null;
};

export type GroupMembersTable = {
  group_id: string;
  user_id: string;
  added_at: string;
  added_by: string;
};

/** The requirement of an approval, fixed when it is made. */
export type StagesTable = {
  approval_id: string;
  /** From 1. */
  number: number;
  /** Approvals of different people. */
  needed: number;
  /** Why it is addressed to the administrators, as a sentence. */
  reason: string | null;
  opened_at: string | null;
  closed_at: string | null;
};

/** Those who may vote in a stage. */
export type AddresseesTable = {
  approval_id: string;
  stage: number;
  addressee: Addressee;
  /** Null if it was fixed when the approval was made, otherwise when it was added, such as by an escalation. */
  added_at: string | null;
};

/** Edits that need further votes. Version 1 is the request, and has no row. */
export type VersionsTable = {
  approval_id: string;
  version: number;
  details: string;
  /** Id of the user. */
  edited_by: string;
  note: string | null;
  at: string;
};

/** One vote. A person has one in each version, and each represented person has one too. */
export type VotesTable = {
  approval_id: string;
  version: number;
  stage: number;
  /** Id of the user. */
  voter: string;
  /** Id of the user whose vote it is. Equal to `voter` except for a deputy. */
  on_behalf_of: string;
  vote: 'approve' | 'reject';
  /** Digest of what the voter saw. */
  shown: string;
  note: string | null;
  at: string;
};

export type DeputiesTable = {
  id: string;
  /** The represented user. */
  user_id: string;
  deputy_id: string;
  from_at: string;
  until_at: string;
  created_at: string;
  created_by: string;
  /** Set if it was ended before its time. */
  ended_at: string | null;
};
