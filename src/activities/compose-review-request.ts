import { log } from '@temporalio/activity';
import type { Presets, Preview } from '@holdpoint/cheqpoint/wire';
import { sha256 } from '@holdpoint/json/digest';
import type { RequestApprovalInput } from '../domain/activities.ts';
import type { ApprovalDraft, RiskLevel } from '../domain/approval.ts';
import { wellFormed } from '../domain/well-formed.ts';
import { noAssistant } from '../domain/standalone-approval.ts';
import { isJsonObject, jsonProblem, stableJson, type Json, type JsonObject } from '@holdpoint/json';
import { checkPresets } from '../assistant/check-shows.ts';
import type { ReviewStage } from '../assistant/review-by.ts';
import type { Tool } from '../assistant/tool.ts';
import { actsFor } from './acts-for.ts';
import { factsOf, ownExecution, toolOf, type ActivityDependencies, type Requester } from './context.ts';
import { durationMs } from '../schemas/duration.ts';
import type { Envelope } from '../signing/envelope.ts';
import { failure } from './failure.ts';
import { lastMessages } from './last-messages.ts';
import { fromPayload } from './payloads.ts';
import type { ReviewRequest } from '@holdpoint/cheqpoint';
import { Policy } from './review-policy.ts';
import { cutText, longestTexts } from './request-texts.ts';
import { startedWith } from './started-with.ts';

/** The seal holds the reason whole. */
const becauseHasAll = 'holdpoint.because in the details has all';
/** Characters of an edit's JSON that travel with the next request. */
const longestDraft = 100_000;
/** Bytes of a request, below the limit of a review server's body. */
const longestRequest = 900_000;

/** The part of a request that depends on its kind. */
type Question = {
  action: string;
  summary: string;
  details: JsonObject;
  risk: RiskLevel;
  reason: string;
  justification: { text: string | null; from: Envelope['justificationFrom'] };
  context: Json;
  by: ReviewStage[] | undefined;
  allowSelf: boolean;
  shows: { subject?: string; preview?: Preview; presets?: Presets };
};

/**
 * Writes one review request and seals its details. `extensions`: whether the service accepts the fields that our review
 * server adds to Cheqpoint's.
 */
export async function composeReviewRequest(
  dependencies: ActivityDependencies,
  asked: RequestApprovalInput,
  requester: Requester,
  number: number,
  extensions: boolean,
): Promise<ReviewRequest> {
  const { workflowId, runId } = ownExecution();
  const tool = toolOf(requester, asked.call);
  const draft = asked.draft && draftOf(await fromPayload(asked.draft, dependencies.values));
  const input = extensions || !draft ? asked : withDraft(asked, draft);
  const args = argumentsOf(await fromPayload(input.arguments, dependencies.values));
  const forCall = tool !== undefined && input.kind === 'call';
  const question = forCall
    ? await callQuestion(dependencies, { tool, args, input, requester, extensions })
    : outcomeQuestion(
        await startedWith(dependencies, input, { requester, given: args }),
        input,
        extensions,
        tool && new Policy(tool, factsOf(requester, input.context)),
        requester,
      );
  const deadline = forCall ? deadlineOf(tool, input.deadlineAt, dependencies.now()) : null;
  // Texts of tools and models may be cut inside a character, which the review service refuses.
  const envelope = wellFormed<Envelope>({
    version: 2,
    callKey: input.call.key,
    run: workflowId,
    assistant: requester.name,
    tool: input.call.tool,
    definition: tool?.definition ?? '',
    toolVersion: tool?.version ?? null,
    runContext: dependencies.envelopes.digestContext(input.call.key, input.context ?? null),
    kind: input.kind,
    number,
    risk: question.risk,
    deadline,
    context: question.context,
    because: input.because ?? null,
    justificationFrom: question.justification.from,
    ...(draft && { draft }),
    ...(question.shows.preview && { preview: sha256(stableJson(question.shows.preview)) }),
    ...(forCall && tool.execute === null && { executes: false }),
  });
  const callbackUrl = dependencies.callbackUrl({ workflowId, callKey: input.call.key, request: number });
  const conversation =
    extensions && input.conversation ? await lastMessages(dependencies.transcripts, input.conversation.entry) : [];
  // A sealed reason travels whole in the details.
  const wholeReason = input.because === undefined ? "the worker's log has all" : becauseHasAll;
  const workflowUrl = dependencies.workflowUrl(workflowId, runId);
  return wellFormed<ReviewRequest>({
    action: question.action,
    summary: question.summary,
    details: dependencies.envelopes.seal(envelope, question.details),
    riskLevel: question.risk,
    idempotencyKey: `${input.call.key}#${number}`,
    ...(question.justification.text === null ? {} : { justification: question.justification.text }),
    ...(callbackUrl === undefined ? {} : { callbackUrl }),
    ...(extensions && requester.name !== noAssistant ? { agentName: requester.name } : {}),
    ...(extensions && deadline !== null ? { expiresAt: new Date(deadline).toISOString() } : {}),
    ...(extensions && forCall && Object.keys(tool.parametersSchema).length > 0
      ? { argumentsSchema: tool.parametersSchema }
      : {}),
    ...(conversation.length > 0 ? { conversation } : {}),
    ...(extensions && workflowUrl !== undefined ? { workflowUrl } : {}),
    ...(extensions ? peopleOf(question, actsFor(input.context ?? null, requester.actsFor)) : {}),
    ...(extensions ? { riskReason: cutText(question.reason, longestTexts.reason, wholeReason) } : {}),
    ...question.shows,
  });
}

/** Who decides, and who may not: the fields that only our review server has. */
function peopleOf(
  { by, allowSelf }: Question,
  person: string | undefined,
): Pick<ReviewRequest, 'by' | 'allowSelf' | 'onBehalfOf'> {
  return {
    ...(by && { by }),
    ...(allowSelf && { allowSelf }),
    ...(person !== undefined && { onBehalfOf: person }),
  };
}

/** @throws InvalidRunInput for arguments that have no exact JSON: no check let them pass. */
function argumentsOf(given: Json): JsonObject {
  const args = isJsonObject(given) ? given : {};
  const problem = jsonProblem(args);
  if (problem)
    throw failure('InvalidRunInput', `These arguments can't be reviewed: ${problem.path}: ${problem.message}.`);
  return args;
}

/** The draft as it travels: without an edit that is too long. */
function draftOf(given: Json): ApprovalDraft {
  const { edit, note } = given as ApprovalDraft;
  return { edit: edit && JSON.stringify(edit).length <= longestDraft ? edit : null, note };
}

/** For a service that shows texts only: the draft as a part of the reason. */
function withDraft(input: RequestApprovalInput, { edit, note }: ApprovalDraft): RequestApprovalInput {
  const because = [
    input.because,
    edit && `The edit was: ${JSON.stringify(edit)}.`,
    note && `The note was: ${JSON.stringify(note)}.`,
  ];
  return { ...input, because: because.filter(Boolean).join(' ') };
}

type Composing = {
  tool: Tool;
  args: JsonObject;
  input: RequestApprovalInput;
  requester: Requester;
  extensions: boolean;
};

async function callQuestion(
  { transcripts }: ActivityDependencies,
  { tool, args, input, requester, extensions }: Composing,
): Promise<Question> {
  const policy = new Policy(tool, factsOf(requester, input.context));
  // Evaluated again, since the request tells the reviewer that `when` threw.
  if (input.because === undefined) await policy.needsReview(args);
  const words = input.conversation ? ((await transcripts.get(input.conversation.entry))?.words ?? null) : null;
  const summary = cutText(
    policy.summary(args),
    longestTexts.summary,
    'review.summary makes all of it from the arguments, which are whole',
  );
  const reason = input.because ?? (input.call.approval ? 'A program asked for this approval.' : policy.reason());
  const [risk, justification, context] = [policy.risk(args), policy.justification(args, words), policy.context(args)];
  const by = policy.by(args, requester.reviewBy);
  const shows = extensions ? showsOf(policy, tool, args) : {};
  const problems = policy.problems.map(({ says }) => says).join(' ');
  for (const { option, error } of policy.problems)
    log.warn(`review.${option} of "${tool.name}" failed; the review goes on without it, or is stricter.`, { error });
  // Hosted Cheqpoint shows no reason, so the summary has it.
  const asides = [
    ...(input.because
      ? [extensions ? 'asked again' : `asked again: ${cutText(input.because, longestTexts.reason, becauseHasAll)}`]
      : []),
    ...(problems !== '' && !extensions ? [problems.replace(/\.$/, '')] : []),
  ];
  return {
    action: tool.name,
    summary: asides.length > 0 ? `${summary} (${asides.join('; ')})` : summary,
    details: args,
    risk,
    reason: [problems, reason].filter((part) => part !== '').join(' '),
    justification: {
      ...justification,
      text:
        justification.text === null
          ? null
          : cutText(
              justification.text,
              longestTexts.justification,
              justification.from === 'model'
                ? "the run's transcript has all"
                : 'review.justification makes all of it from the arguments',
            ),
    },
    context,
    by,
    allowSelf: policy.allowSelf,
    shows,
  };
}

/** The parts for the page of our review server. None of them decides anything. */
function showsOf(policy: Policy, tool: Tool, args: JsonObject): Question['shows'] {
  const preview = policy.preview(
    args,
    longestRequest - Buffer.byteLength(JSON.stringify([args, tool.parametersSchema])),
  );
  const subject = policy.subject(args);
  const given = typeof tool.review === 'object' ? tool.review.presets : undefined;
  return {
    ...(subject !== null && { subject: subject.toWellFormed() }),
    ...(preview !== null && { preview }),
    ...(given !== undefined && { presets: checkPresets(tool.name, given) }),
  };
}

/** Our review server has three named answers. Hosted Cheqpoint has two words, so the summary explains them. */
function outcomeQuestion(
  args: Json,
  input: RequestApprovalInput,
  extensions: boolean,
  policy: Policy | undefined,
  { reviewBy }: Requester,
): Question {
  const { tool } = input.call;
  const howToAnswer = extensions
    ? ''
    : ' Approve: it happened. Approve with outcome "not_happened": run it once more. Reject: give up.';
  return {
    action: `${tool}:outcome-unknown`,
    summary: `Did "${tool}" happen? Its outcome is unknown.${howToAnswer}`,
    details: { outcome: 'happened' },
    risk: 'high',
    reason: input.because ?? 'The outcome of the tool is unknown.',
    // Our review server shows the reason. Hosted Cheqpoint shows a justification only.
    justification: {
      text:
        extensions || input.because === undefined
          ? null
          : cutText(input.because, longestTexts.justification, becauseHasAll),
      from: 'config',
    },
    context: { tool, arguments: args },
    by: policy?.by(isJsonObject(args) ? args : {}, reviewBy),
    allowSelf: policy?.allowSelf ?? false,
    shows: {},
  };
}

/** Milliseconds since the epoch, fixed by the first request of an Approval. Null: no deadline. */
function deadlineOf(tool: Tool, fixed: number | undefined, now: number): number | null {
  if (fixed !== undefined) return fixed;
  const expiresIn = typeof tool.review === 'object' ? tool.review.expiresIn : undefined;
  return expiresIn === undefined ? null : now + (durationMs(expiresIn) as number);
}
