// An OpenID Connect provider in a separate process, with a real form. Settings are JSON in the first argument. Prints its
// address. A line of JSON on standard input replaces the people. Prints one line for each event.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { exportJWK, generateKeyPair } from 'jose';
import { type errors, Provider, type InteractionResults, type JWK } from 'oidc-provider';
import type { ProviderSettings, TestPerson } from './start-provider.ts';

const { port, productUrl, keyId, clockOffsetSeconds, groupsInIdToken, ...settings } = JSON.parse(
  process.argv[2]!,
) as ProviderSettings;
let people: Record<string, TestPerson> = settings.people;
createInterface(process.stdin).on('line', (line) => {
  people = JSON.parse(line) as typeof people;
  process.stdout.write('people changed\n');
});
if (clockOffsetSeconds !== 0) {
  const now = Date.now.bind(Date);
  Date.now = () => now() + clockOffsetSeconds * 1000;
}

const server = createServer();
await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const { privateKey } = await generateKeyPair('RS256', { extractable: true });
const key = { ...(await exportJWK(privateKey)), kid: keyId, alg: 'RS256', use: 'sig' } as JWK;
const scopes = 'openid profile email groups';
const logoutPage = (form: string) =>
  `<!doctype html><title>Sign out</title>${form.replace('</form>', '<input type="hidden" name="logout" value="yes"><button>Sign out here too</button></form>')}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: settings.clientId,
      client_secret: settings.clientSecret,
      redirect_uris: [`${productUrl}/auth/callback`],
      post_logout_redirect_uris: [`${productUrl}/login`],
      backchannel_logout_uri: `${productUrl}/auth/back-channel-logout`,
      backchannel_logout_session_required: true,
      grant_types: ['authorization_code'],
      response_types: ['code'],
    },
  ],
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
  claims: {
    openid: ['sub'],
    profile: ['name', 'preferred_username'],
    email: ['email'],
    groups: ['groups', '_claim_names'],
    sid: null,
  },
  scopes: scopes.split(' '),
  conformIdTokenClaims: !groupsInIdToken,
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (context, form) => {
        context.body = logoutPage(form);
      },
    },
  },
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  cookies: { keys: ['of the tests'] },
  jwks: { keys: [key] },
  ttl: { AuthorizationCode: 60, IdToken: 300, AccessToken: 300, Session: 3600, Interaction: 600, Grant: 3600 },
  renderError: (context, { error, error_description }) => {
    context.type = 'text';
    context.body = `The provider refused: ${error}: ${String(error_description)}`;
  },
  // The provider refuses loopback addresses through its own dispatcher.
  fetch: (url: string | URL, { method, headers, body }: RequestInit) =>
    fetch(url, { method, headers, body } as RequestInit),
} as ConstructorParameters<typeof Provider>[1]);
provider.on('grant.error', (_, error: errors.OIDCProviderError) =>
  process.stdout.write(`grant.error ${error.error_detail ?? error.message}\n`),
);
provider.on('backchannel.success', () => process.stdout.write('backchannel.success\n'));
provider.on('backchannel.error', (_, error) => process.stdout.write(`backchannel.error ${error.message}\n`));

const handle = provider.callback();
server.on('request', (request: IncomingMessage, response: ServerResponse) => {
  const interaction = /^\/interaction\/[\w-]+$/.test(request.url ?? '');
  const answered = interaction ? interact(request, response) : handle(request, response);
  answered.catch((error: unknown) => response.writeHead(400).end(`The provider refused: ${String(error)}`));
});
process.stdout.write(`${issuer}\n`);

async function interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login' && request.method === 'GET') {
    response.setHeader('content-type', 'text/html');
    response.end(
      '<!doctype html><title>Provider</title><h1>Sign in at the provider</h1><form method="post"><label>Account <input name="account" autofocus></label><button name="answer" value="yes">Continue</button><button name="answer" value="no">Stop</button></form>',
    );
    return;
  }
  const finish = (result: InteractionResults, merge: boolean) =>
    provider.interactionFinished(request, response, result, { mergeWithLastSubmission: merge });
  if (prompt.name === 'login') {
    const form = new URLSearchParams(await textOf(request));
    const account = form.get('account') ?? '';
    if (form.get('answer') === 'no' || people[account] === undefined)
      return finish({ error: 'access_denied', error_description: 'The person said no.' }, false);
    return finish({ login: { accountId: account } }, false);
  }
  const grant =
    grantId === undefined
      ? new provider.Grant({ accountId: session!.accountId, clientId: String(params['client_id']) })
      : (await provider.Grant.find(grantId))!;
  grant.addOIDCScope(scopes);
  return finish({ consent: { grantId: await grant.save() } }, true);
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) text += String(part);
  return text;
}
