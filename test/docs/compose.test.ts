import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DCLinter } from 'dclint';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  gatewaySchema,
  reviewServerSchema,
  workerSchema,
  type ProcessSchema,
} from '../../src/config/process-schemas.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { variablesOf } from '../support/schema-variables.ts';
import { root } from './documents.ts';

type Service = {
  image: string;
  command?: string[];
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
  ports?: string[];
  volumes?: string[];
  user?: string;
};

const file = join(root, 'docker-compose.yml');
const text = readFileSync(file, 'utf8');
const compose = parse(text, { merge: true }) as { services: Record<string, Service>; volumes: Record<string, unknown> };
const services = Object.entries(compose.services).map(([name, service]) => ({ name, service }));
const ours = services.filter(({ service }) => service.image.startsWith('holdpoint'));
const schemas: Record<string, ProcessSchema> = {
  worker: workerSchema,
  gateway: gatewaySchema,
  'review-server': reviewServerSchema,
};
const example = readFileSync(join(root, 'deploy/compose.env.example'), 'utf8');

/** Example values. */
const filledIn = Object.fromEntries(
  [...example.matchAll(/^([A-Z_]+)=$/gm)].map(([, name]) => [String(name), `${name}-0123456789abcdef0123456789abcdef`]),
);

/** Substitutes `${NAME:?…}` and `${NAME:-default}` as docker compose does. */
function interpolated(value: string): string {
  return value.replaceAll(
    /\$\{([A-Z_]+)(?::([?-])([^}]*))?\}/g,
    (_all, name: string, kind: string | undefined, rest = '') => {
      const given = filledIn[name];
      if (given === undefined && kind !== '-') throw new Error(`${name} is not in deploy/compose.env.example.`);
      return given ?? String(rest);
    },
  );
}

/** True for a name without a value: compose passes it on from .env if set there. */
const isPassedOn = (value: string | null) => value === null;

describe('docker-compose.yml', () => {
  it('valid by the Compose specification, no lint warnings', () => {
    const linter = new DCLinter({
      rules: {
        'top-level-properties-order': 0,
        'service-keys-order': 0,
        'services-alphabetical-order': 0,
        'service-dependencies-alphabetical-order': 0,
        'require-project-name-field': 2,
        'no-unbound-port-interfaces': 2,
        'service-image-require-explicit-tag': 2,
      },
      quiet: false,
      debug: false,
      exclude: [],
    });
    const results = linter.lintFiles([file], false) as Array<{
      messages: Array<{ rule: string; message: string; line: number }>;
    }>;
    const found = results.flatMap(({ messages }) =>
      messages.map(({ rule, message, line }) => `${line}: ${rule}: ${message}`),
    );
    expect(found).toEqual([]);
  });

  it.each(services)(
    '$name depends on existing services, and on health only if they have a health check',
    ({ service }) => {
      const impossible = Object.entries(service.depends_on ?? {}).filter(([name, { condition }]) => {
        const target = compose.services[name];
        return target === undefined || (condition === 'service_healthy' && target.healthcheck === undefined);
      });
      expect(impossible).toEqual([]);
    },
  );

  it.each(services)('$name mounts existing files', ({ service }) => {
    const sources = (service.volumes ?? []).map((volume) => volume.split(':')[0] ?? '');
    expect(
      sources.filter(
        (source) => !(source.startsWith('.') ? existsSync(join(root, source)) : source in compose.volumes),
      ),
    ).toEqual([]);
  });

  it('ports are published on 127.0.0.1 only', () => {
    expect(
      services.flatMap(({ service }) => service.ports ?? []).filter((port) => !port.startsWith('127.0.0.1:')),
    ).toEqual([]);
  });

  it('secrets have no default', () => {
    const secret = /(SECRET|KEY|KEYS|PASSWORD|PWD|TOKEN)$/;
    const values = services
      .flatMap(({ service }) => Object.entries(service.environment ?? {}))
      .filter(([name, value]) => secret.test(name) && !isPassedOn(value))
      .map(([, value]) => value);
    expect(values.length).toBeGreaterThan(10);
    expect(values.filter((value) => !/\$\{[A-Z_]+:\?[^}]+\}/.test(value))).toEqual([]);
  });

  it.each(ours)('$name → only variables that it reads, and all that it needs', ({ name, service }) => {
    const environment = Object.fromEntries(
      Object.entries(service.environment ?? {})
        .filter(([, value]) => !isPassedOn(value))
        .map(([variable, value]) => [variable, interpolated(value)]),
    );
    const schema = schemas[name] as ProcessSchema;
    const { required, optional } = variablesOf(schema);
    expect(
      Object.keys(environment).filter(
        (variable) => !variable.startsWith('TEMPORAL_') && ![...required, ...optional].includes(variable),
      ),
    ).toEqual([]);
    expect(() => readConfig({ TEMPORAL_CONFIG_FILE: '/nowhere', ...environment }, schema)).not.toThrow();
    expect(service.command).toEqual([name]);
  });

  it('URLs between the processes are right', () => {
    const { worker, gateway, 'review-server': reviewServer } = compose.services as Record<string, Required<Service>>;
    const listens = (service: Service | undefined, variable: string) =>
      new URL(`http://${service?.environment?.[variable]}`).port;
    expect(worker?.environment['CHEQPOINT_BASE_URL']).toBe(
      `http://review-server:${listens(reviewServer, 'HOLDPOINT_REVIEW_LISTEN')}`,
    );
    expect(worker?.environment['HOLDPOINT_PUBLIC_URL']).toBe(
      `http://gateway:${listens(gateway, 'HOLDPOINT_GATEWAY_LISTEN')}`,
    );
    expect(worker?.environment['HOLDPOINT_PUBLIC_URL']).toBe(
      `http://${reviewServer?.environment['HOLDPOINT_REVIEW_CALLBACK_HOSTS']}`,
    );
    for (const name of ['HOLDPOINT_SECRET', 'HOLDPOINT_DATABASE_URL'])
      expect(worker?.environment[name]).toBe(gateway?.environment[name]);
  });

  it('deploy/compose.env.example has all of its variables, and no other', () => {
    const asked = new Set(
      [...text.matchAll(/\$\{([A-Z_]+)|^ +([A-Z_]+):$/gm)].map(([, name, passedOn]) => name ?? passedOn),
    );
    const listed = new Set([...example.matchAll(/^(?:# )?([A-Z_]+)=/gm)].map(([, name]) => name));
    expect(listed).toEqual(asked);
  });

  it('uses no deprecated image of Temporal', () => {
    expect(text).not.toContain('auto-setup');
  });
});

describe('Dockerfile', () => {
  const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };

  it('runs the Node of the tests, not as root', () => {
    const [major] = /\d+/.exec(devDependencies['node'] ?? '') ?? [];
    expect([...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)).toEqual([
      `node:${major}-bookworm-slim`,
      `node:${major}-bookworm-slim`,
    ]);
    expect(dockerfile).toMatch(/^USER node$/m);
  });

  it('copies existing or built files, none that are ignored', () => {
    const ignored = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
    const copied = [...dockerfile.matchAll(/^COPY --from=build (.*) \S+$/gm)]
      .flatMap(([, sources]) => String(sources).split(' '))
      .map((path) => path.replace(/^\/app\//, ''));
    expect(copied.length).toBeGreaterThan(5);
    const made = ['dist', 'node_modules'];
    expect(
      copied.filter((path) => !made.includes(path) && (!existsSync(join(root, path)) || ignored.includes(path))),
    ).toEqual([]);
  });
});
