import { fileURLToPath } from 'node:url';
import { createClient, type Client } from '../../src/client.ts';
import { environmentWithoutOurs } from '../../src/config/environment.ts';
import { startDevStack, type DevStack } from '../../src/embedded/dev-stack.ts';
import { startMailService, type MailService } from '../mail-service.ts';
import type { StageOptions } from '../stage.ts';
import { openReviewOffice, type ReviewOffice } from './review-office.ts';

/** The dev stack with a review server that has people and groups, and the mail service. */
export type TeamStage = { stack: DevStack; mail: MailService; client: Client; office: ReviewOffice };

/** Starts all parts on free ports. @throws what `startDevStack` throws. */
export async function openTeamStage({
  folder,
  environment,
  log,
  onStop,
}: Omit<StageOptions, 'api'>): Promise<TeamStage> {
  const plain = environmentWithoutOurs(environment);
  const endings: Array<() => Promise<unknown> | undefined> = [];
  onStop(async () => {
    for (const ending of endings) await ending();
  });
  const mail = await startMailService(folder, plain);
  // First, because a tool that waits for it would delay the worker's end.
  endings.push(() => mail.stop());
  // Before the worker, which refuses to start if the config names a group that the review server does not have.
  const office = await openReviewOffice(folder);
  const starting = startDevStack({
    configFile: fileURLToPath(new URL('./team.config.ts', import.meta.url)),
    dataDir: folder,
    environment: { ...plain, MAIL_SERVICE_URL: mail.url },
    cheqpoint: { baseUrl: office.url, connectionKey: office.connectionKey, publicUrl: 'gateway' },
    portBase: 0,
    watch: false,
    log,
  });
  // A starting stack is stopped once it is up, so that no process is left behind.
  endings.push(
    async () => (await starting.catch(() => undefined))?.stop(),
    () => office.close(),
  );
  const stack = await starting;
  return { stack, mail, office, client: createClient(stack.facts.gateway) };
}
