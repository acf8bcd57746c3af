import type { ApprovalDraft, RequestKind, RiskLevel } from '../domain/approval.ts';
import type { ApprovalDecision } from '../domain/standalone-approval.ts';
import { parseCallKey, type CallKey } from '../domain/call-key.ts';
import { isJsonObject, type Json, type JsonObject } from '@holdpoint/json';
import { canonicalJson } from '@holdpoint/json/canonical';
import { equalInConstantTime, hmacSha256 } from '@holdpoint/json/digest';
import { RESERVED_DETAILS_KEY, withoutReserved } from '@holdpoint/cheqpoint/wire-names';

/**
 * The sealed part of a request beside the arguments. The mac covers the envelope and the arguments, so an approval of
 * one call can't be used for another, nor made up.
 */
export type Envelope = {
  /** Absent in the first form, which has neither `runContext` nor `toolVersion`. */
  version?: 2;
  callKey: CallKey;
  /** Id of the run, for those who look at the request. Absent in requests of earlier versions. */
  run?: string;
  /** The assistant whose Connection Key, rules and tools apply. */
  assistant: string;
  tool: string;
  /** Digest of the tool's definition at the time of the request. */
  definition: string;
  /** The `version` of the tool's code at that time. Null if its definition has none. */
  toolVersion?: string | null;
  /** Keyed digest of the run's `context`. Tools and policies get that context. See `digestContext`. */
  runContext?: string;
  kind: RequestKind;
  number: number;
  /** The risk that the request showed. */
  risk: RiskLevel;
  /** Milliseconds since the epoch. A later decision does not count. Null: no deadline. */
  deadline: number | null;
  /** For the reviewer: the policy's context, why the call is reviewed again, and the origin of the justification. */
  context: Json;
  because: string | null;
  justificationFrom: 'config' | 'model' | null;
  /** For the reviewer, from the request before. */
  draft?: ApprovalDraft;
  /** SHA-256 of the preview that the request shows. Absent without a preview. */
  preview?: string;
  /** False if the approval itself is the result: no tool runs. Absent if one does, and in earlier requests. */
  executes?: false;
};

/** Seals and opens envelopes. The first secret signs and all verify, since a wait may outlast a rotation. */
export class Envelopes {
  readonly #secrets: readonly string[];

  /** @throws RangeError without a secret. */
  constructor(secrets: readonly string[]) {
    if (secrets.length === 0)
      throw new RangeError('At least one secret is needed to seal approvals: set HOLDPOINT_SECRET.');
    this.#secrets = secrets;
  }

  /** The `details` of a request: the arguments, and the sealed envelope under the reserved key. */
  seal(envelope: Envelope, args: JsonObject): JsonObject {
    return { ...args, [RESERVED_DETAILS_KEY]: { ...envelope, mac: mac(this.#secrets[0] as string, envelope, args) } };
  }

  /** The envelope and arguments of `details`. Undefined unless one of the secrets sealed exactly these. */
  open(details: JsonObject): { envelope: Envelope; args: JsonObject } | undefined {
    const sealed = details[RESERVED_DETAILS_KEY];
    if (!isJsonObject(sealed)) return undefined;
    const { mac: given, ...envelope } = sealed as unknown as Envelope & { mac: unknown };
    if (typeof given !== 'string') return undefined;
    const args = withoutReserved(details);
    return this.#secrets.some((secret) => equalInConstantTime(mac(secret, envelope, args), given))
      ? { envelope, args }
      : undefined;
  }

  /**
   * A digest of a run's `context` for the envelope of one call. It is keyed, so that a review service can't find a
   * short context by trying.
   */
  digestContext(callKey: CallKey, context: Json): string {
    return contextMac(this.#secrets[0] as string, callKey, context);
  }

  /** Whether the digest in an envelope was made of this context. False for an envelope of the first form. */
  hasContext({ callKey, runContext }: Envelope, context: Json): boolean {
    return (
      runContext !== undefined &&
      this.#secrets.some((secret) => equalInConstantTime(contextMac(secret, callKey, context), runContext))
    );
  }

  /**
   * Seals a value that a worker keeps in Temporal until another Activity or attempt of the run uses it. `purpose` and
   * `owner` are part of the seal, so that the value is of no use elsewhere.
   */
  sealNote(note: SealedNote): string {
    return noteMac(this.#secrets[0] as string, note);
  }

  /** Whether one of the secrets sealed exactly this. */
  isSealedNote(note: SealedNote, seal: unknown): boolean {
    return typeof seal === 'string' && this.#secrets.some((secret) => equalInConstantTime(noteMac(secret, note), seal));
  }

  /** A decision as the sealed output of a run. */
  sealDecision(sealed: SealedDecision): string {
    return JSON.stringify({ ...sealed, mac: decisionMac(this.#secrets[0] as string, sealed) });
  }

  /** The sealed decision. Undefined unless one of the secrets sealed it for this run. */
  openDecision(text: string, firstRunId: string): ApprovalDecision | undefined {
    try {
      const { callKey, decision, mac: given } = JSON.parse(text) as SealedDecision & { mac: string };
      const holds = this.#secrets.some((secret) =>
        equalInConstantTime(decisionMac(secret, { callKey, decision }), given),
      );
      return holds && parseCallKey(callKey)?.firstRunId === firstRunId ? decision : undefined;
    } catch {
      return undefined;
    }
  }
}

/** A value in Temporal, the use that it is for, and the call or turn that may use it. */
export type SealedNote = { purpose: 'reason' | 'checkpoint'; owner: string; value: Json };

/** The decision on a standalone approval, for its requester outside Temporal. */
export type SealedDecision = { callKey: CallKey; decision: ApprovalDecision };

/** The deadline of a request that this worker made, in milliseconds since the epoch. The seal is not checked. */
export function sealedDeadline(details: JsonObject): number | null {
  const { deadline } = (details[RESERVED_DETAILS_KEY] ?? {}) as Partial<Envelope>;
  return deadline ?? null;
}

function mac(secret: string, envelope: Envelope, args: JsonObject): string {
  return hmacSha256(secret, `holdpoint approval v1\n${canonicalJson([envelope, args])}`).toString('base64url');
}

function contextMac(secret: string, callKey: CallKey, context: Json): string {
  return hmacSha256(secret, `holdpoint run context v1\n${canonicalJson([callKey, context])}`).toString('base64url');
}

function noteMac(secret: string, { purpose, owner, value }: SealedNote): string {
  return hmacSha256(secret, `holdpoint ${purpose} v1\n${canonicalJson([owner, value])}`).toString('base64url');
}

function decisionMac(secret: string, { callKey, decision }: SealedDecision): string {
  return hmacSha256(secret, `holdpoint decision v1\n${canonicalJson([callKey, decision])}`).toString('base64url');
}
