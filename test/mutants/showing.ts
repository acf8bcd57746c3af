import type { Mutant } from './mutant.ts';

const inServer = 'packages/review-server/test/preview.test.ts';
const inPage = 'packages/review-server/test/inbox/preview.test.ts';
const frame = 'packages/review-server/inbox/preview/preview-frame.tsx';
const page = 'packages/review-server/inbox/preview/preview-document.ts';
const installing = 'packages/review-server/test/inbox/installing.test.ts';

/** Previews: bound to the approval, and harmless in the browser. */
export const showing: readonly Mutant[] = [
  {
    name: 'seal covers the preview',
    promise: 'An approval is bound to the preview that was shown.',
    mechanism: 'The sealed envelope has the digest of the preview',
    changes: [
      {
        file: 'src/activities/compose-review-request.ts',
        find: '    ...(question.shows.preview && { preview: sha256(stableJson(question.shows.preview)) }),\n',
        replace: '',
      },
    ],
    test: { file: 'test/activities/review-shows.test.ts', name: '→ sent, and the seal covers its digest' },
  },
  {
    name: 'preview of this request',
    promise: 'A request shows no other preview than the sealed one.',
    mechanism: 'The review server compares its digest with the one in the envelope',
    changes: [
      {
        file: 'packages/review-server/src/api/preview-problem.ts',
        find: '  if (!isJsonObject(reserved)) return undefined;',
        replace: '  if (isJsonObject(reserved)) return undefined;',
      },
    ],
    test: { file: inServer, suite: 'on SQLite', name: '→ 400, nothing stored' },
  },
  {
    name: 'preview in the digest of what is shown',
    promise: 'A decision on another preview than the present one is refused.',
    mechanism: 'The digest of what is shown covers the preview',
    changes: [
      {
        file: 'packages/review-server/src/contract/shown-digest.ts',
        find: "    ...(preview === null ? [] : [['preview', preview] as const]),\n",
        replace: '',
      },
    ],
    test: { file: inServer, suite: 'on SQLite', name: '→ 409, still open' },
  },
  {
    name: 'sandbox of the preview',
    promise: 'A preview runs no script, sends no form and navigates nothing.',
    mechanism: 'The frame has an empty sandbox',
    changes: [{ file: frame, find: 'sandbox=""', replace: 'sandbox="allow-scripts allow-same-origin"' }],
    test: {
      file: inPage,
      name: 'document of the frame → an origin of its own, no script, a policy that loads nothing',
    },
  },
  {
    name: 'policy of the preview’s frame',
    promise: 'A preview loads nothing from anywhere.',
    mechanism: 'The document has a Content Security Policy of its own',
    changes: [{ file: page, find: "`default-src 'none'; style-src", replace: '`style-src' }],
    test: {
      file: inPage,
      name: 'document of the frame → an origin of its own, no script, a policy that loads nothing',
    },
  },
  {
    name: 'texts of a preview',
    promise: 'Markup in a preview is shown as text.',
    mechanism: 'Each text is escaped before it is part of the document',
    changes: [
      {
        file: 'packages/review-server/inbox/preview/html.ts',
        find: "      if ('text' in part) return escaped(part.text);",
        replace: "      if ('text' in part) return part.text;",
      },
    ],
    test: { file: inPage, name: 'with markup → text in the frame; nothing runs, loads or navigates' },
  },
  {
    name: 'answers of the API in no cache',
    promise: 'The service worker keeps no request and no answer of the API.',
    mechanism: 'The worker answers only for built files, whose names change with their content',
    changes: [
      {
        file: 'packages/review-server/inbox/offline/service-worker.ts',
        find: 'const assetPath = /^\\/assets\\/[\\w.-]+$/;',
        replace: 'const assetPath = /^\\/(?:assets|reviewer-api)\\/.+$/;',
      },
    ],
    test: { file: installing, name: 'work with requests → only built files in a cache; sign-out → empty caches' },
  },
];
