import { writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { build, type Plugin } from 'vite';
import { importPath } from './import-path.ts';

/** The files in dist that are started as processes, without their ending. */
const programs = ['cli', 'gateway', 'review-server', 'worker', 'embedded/openai-stand-in-process'];

/** Packages that stay outside: shared with the user's code, with native parts, or with files that they find by path. */
const outside = /^(@temporalio\/.+|@opentelemetry\/api|jiti|pg|pino)$/;

/**
 * Joins each program in `dist` with the packages that it uses, in `dist/programs`. It then starts with tens of files in place of a
 * thousand. The licences of the packages are beside them.
 */
export async function buildPrograms(dist: string): Promise<void> {
  const folder = join(dist, 'programs');
  await build({
    configFile: false,
    root: dist,
    logLevel: 'warn',
    plugins: [ownPlaces(dist, folder)],
    ssr: { noExternal: true },
    build: {
      ssr: true,
      target: 'node22',
      outDir: folder,
      minify: false,
      copyPublicDir: false,
      chunkSizeWarningLimit: 10_000,
      license: { fileName: 'third-party-licences.md' },
      rolldownOptions: {
        input: Object.fromEntries(programs.map((program) => [basename(program), join(dist, `${program}.js`)])),
        external: outside,
        output: {
          entryFileNames: '[name].js',
          chunkFileNames: '[name]-[hash].js',
          // Errors are told apart by the names of their classes.
          keepNames: true,
          // Modules are evaluated in the order of their files: this one comes before Temporal's packages.
          codeSplitting: { groups: [{ name: 'check', test: /\/worker\/(check-)?temporal-packages\.js$/ }] },
        },
      },
    },
  });
  for (const program of programs) {
    const file = join(dist, `${program}.js`);
    writeFileSync(file, `import '${importPath(dirname(file), join(folder, `${basename(program)}.js`))}';\n`);
  }
}

/** Keeps `import.meta.url` of each module, by which it finds its data files. */
function ownPlaces(dist: string, folder: string): Plugin {
  return {
    name: 'own-places',
    transform(code, id) {
      if (!id.startsWith(dist)) return;
      const place = `new URL('${importPath(folder, id)}', import.meta.url).href`;
      return { code: code.replaceAll('import.meta.url', place), map: null };
    },
  };
}
