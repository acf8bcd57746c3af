import { z } from 'zod';

/*
 * Schemas of times and deputies under `/reviewer-api`. Times say when a request that waits for a group is due, when its
 * people are reminded, and who is asked in addition. An approval is never given by time.
 */

const minutes = z
  .number()
  .int()
  .min(1)
  .max(60 * 24 * 365);
const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day, such as 18:00');
const zone = z.string().refine(isZone, 'must be a time zone, such as Europe/Berlin');

/** The word for all administrators where groups are named. No group gets this name. */
export const administrators = 'admins';

/** Times of a group. All spans are in minutes from the moment that the stage takes votes. */
export const timesSchema = z.strictObject({
  /** By risk. Null: never due. Any other word of the asker's own counts as high. */
  dueAfter: z.strictObject({
    critical: minutes.nullable().default(null),
    high: minutes.nullable().default(null),
    medium: minutes.nullable().default(null),
    low: minutes.nullable().default(null),
  }),
  remindAfter: z.array(minutes).max(5).default([]),
  /** Names of groups, or `admins` for the administrators. The first is asked when the request is due, the next one after the same span. */
  escalateTo: z.array(z.string().min(1).max(100)).max(5).default([]),
  /** A reminder or an escalation in these hours comes at their end. */
  quietHours: z
    .strictObject({
      from: clockTime,
      until: clockTime,
      zone,
      /** True: Saturday and Sunday are quiet as a whole. */
      weekends: z.boolean().default(false),
    })
    .refine(({ from, until }) => from !== until, { path: ['until'], message: 'must differ from the beginning' })
    .nullable()
    .default(null),
});
export type Times = z.output<typeof timesSchema>;

/** `GET /times`: of requests that are addressed to no group, and of each group. Null: none are set. */
export const timesListSchema = z.object({
  everyone: timesSchema.nullable(),
  groups: z.array(z.object({ id: z.string(), name: z.string(), times: timesSchema.nullable() })),
});
export type TimesList = z.output<typeof timesListSchema>;
/*
 * `PUT /times/{owner}` sets the times of a group (its id), or of `everyone`. `DELETE /times/{owner}` removes them. Open
 * requests keep the times that they began with.
 */

/** A person who decides in another one's place for some time. */
export const deputySchema = z.object({
  id: z.string(),
  /** Name of the represented user. */
  person: z.string(),
  deputy: z.string(),
  from: z.string(),
  until: z.string(),
  createdBy: z.string(),
});
export type Deputy = z.output<typeof deputySchema>;
/** `GET /deputies`: those of the signed-in person, in either place. Administrators and auditors see all. */
export const deputyListSchema = z.object({ deputies: z.array(deputySchema) });

/** The body of `POST /deputies`. `person`: for administrators. @default the signed-in person */
export const nameDeputySchema = z
  .strictObject({
    person: z.string().min(1).optional(),
    deputy: z.string().min(1),
    from: z.iso.datetime({ offset: true }),
    until: z.iso.datetime({ offset: true }),
  })
  .refine(({ from, until }) => Date.parse(until) > Date.parse(from), {
    path: ['until'],
    message: 'must be later than the beginning',
  })
  .refine(({ from, until }) => Date.parse(until) - Date.parse(from) <= 366 * 86_400_000, {
    path: ['until'],
    message: 'must be at most a year after the beginning',
  });
export type NameDeputy = z.output<typeof nameDeputySchema>;
// `DELETE /deputies/{id}` ends it at once: the represented person, the deputy, or an administrator.

/** Times of one open approval, in its detail. Null if it has none. */
export const approvalTimesSchema = z.object({
  /** When others are asked, or when it counts as overdue. */
  dueAt: z.string().nullable(),
  /** The group that is asked then. Null: none. */
  asksThen: z.string().nullable(),
  remindedAt: z.string().nullable(),
  /** Those who were asked in addition, in order. */
  asked: z.array(z.object({ who: z.string(), at: z.string() })),
});
export type ApprovalTimes = z.output<typeof approvalTimesSchema>;

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
