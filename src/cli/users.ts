import { Option, type Command } from 'commander';
import { type Role, roleNames, type User } from '@holdpoint/review-server/contract';
import { adminAction, adminOptions } from './admin-action.ts';
import { UsageError } from './connection.ts';
import type { RunIo } from './run-io.ts';
import { plain } from './plain.ts';
import { table } from './table.ts';

/** `holdpoint users …`: the review server's users and roles. Passwords are prompted for, never options. */
export function registerUsers(program: Command, io: RunIo): void {
  const users = program.command('users').description("manage the people who sign in at Holdpoint's review server");
  const whose = 'name that the user signs in with';

  const list = adminOptions(users.command('list').description('list users and their roles'));
  list.action(() =>
    adminAction(list, io, async ({ session, print }) => {
      const found = await (await session()).call('GET /users');
      print(found, () => userTable(found.users));
    }),
  );

  const add = adminOptions(
    users
      .command('add')
      .argument('<name>', whose)
      .description('add a user; prompts for the password, or reads it from standard input'),
  ).addOption(
    new Option('--role <role...>', `roles of the user: ${roleNames.join(', ')}`).default(['reviewer'], 'reviewer'),
  );
  add.action((name: string) =>
    adminAction(add, io, async ({ session, print }) => {
      const roles = checkRoles(add.opts<{ role: string[] }>().role);
      const reviewer = await session();
      const user = await reviewer.call('POST /users', {
        body: { name, roles, password: await io.newPassword(plain(name)) },
      });
      print(user, () => `${plain(user.name)} can sign in now, as ${user.roles.join(', ')}.`);
    }),
  );

  const setRoles = adminOptions(
    users
      .command('set-roles')
      .argument('<name>', whose)
      .argument('<roles...>', `all roles of the user: ${roleNames.join(', ')}`)
      .description('replace the roles of a user at once'),
  );
  setRoles.action((name: string, roles: string[]) =>
    adminAction(setRoles, io, async ({ session, print }) => {
      const checked = checkRoles(roles);
      const user = await (await session()).call('PATCH /users/{name}', { path: { name }, body: { roles: checked } });
      print(user, () => `${plain(user.name)} now has the roles: ${user.roles.join(', ')}.`);
    }),
  );

  const setPassword = adminOptions(
    users
      .command('set-password')
      .argument('<name>', whose)
      .description('replace a password; prompts for the new one, or reads it from standard input'),
  );
  setPassword.action((name: string) =>
    adminAction(setPassword, io, async ({ session, print }) => {
      const reviewer = await session();
      const user = await reviewer.call('PATCH /users/{name}', {
        path: { name },
        body: { password: await io.newPassword(plain(name)) },
      });
      print(user, () => `${plain(user.name)} has a new password. Sessions with the old one have ended.`);
    }),
  );

  const resetPasskeys = adminOptions(
    users
      .command('reset-passkeys')
      .argument('<name>', whose)
      .description('remove all passkeys of another user and end their sessions, after the loss of a device'),
  );
  resetPasskeys.action((name: string) =>
    adminAction(resetPasskeys, io, async ({ session, print }) => {
      const ended = await (await session()).call('DELETE /users/{name}/passkeys', { path: { name } });
      print(
        ended,
        () => `${plain(name)} has no passkeys now (${ended.passkeys} removed). ${ended.sessions} sessions ended.`,
      );
    }),
  );

  const remove = adminOptions(
    users
      .command('remove')
      .argument('<name>', whose)
      .description('remove a user and end their sessions; decisions keep the name'),
  );
  remove.action((name: string) =>
    adminAction(remove, io, async ({ session, print }) => {
      const user = await (await session()).call('DELETE /users/{name}', { path: { name } });
      print(user, () => `${plain(user.name)} can no longer sign in.`);
    }),
  );
  registerLink(users, io, whose);
}

/** `holdpoint users link`: one person, two users. */
function registerLink(users: Command, io: RunIo, whose: string): void {
  const link = adminOptions(
    users
      .command('link')
      .argument('<name>', whose)
      .argument('<other>', 'user that the first sign-in with the identity provider added')
      .description("give a user the other one's sign-in with the identity provider, and remove the other one"),
  );
  link.action((name: string, other: string) =>
    adminAction(link, io, async ({ session, print }) => {
      const user = await (await session()).call('POST /users/{name}/link', { path: { name }, body: { user: other } });
      print(user, () => `${plain(user.name)} signs in with the identity provider too. ${plain(other)} is removed.`);
    }),
  );
}

function checkRoles(roles: readonly string[]): Role[] {
  return roles.map((role) => {
    const known = roleNames.find((each) => each === role);
    if (known === undefined) throw new UsageError(`"${role}" is not a role. The roles are: ${roleNames.join(', ')}.`);
    return known;
  });
}

function userTable(users: readonly User[]): string {
  return table(
    ['name', 'roles', 'created', 'last sign-in'],
    users.map(({ name, roles, createdAt, lastSignInAt }) => [
      plain(name),
      roles.join(', '),
      createdAt?.slice(0, 10) ?? '',
      lastSignInAt === null ? 'never' : `${lastSignInAt.slice(0, 16)}Z`,
    ]),
  );
}
