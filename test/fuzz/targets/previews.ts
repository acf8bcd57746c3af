import fc from 'fast-check';
import { isJsonObject } from '@holdpoint/json';
import { createApprovalSchema, presetsSchema, previewSchema } from '@holdpoint/cheqpoint/wire';
import { parsePresets } from '../../../src/config/presets-file.ts';
import { previewDigest } from '../../../packages/review-server/src/contract/shown-digest.ts';
import { textHtml } from '../../../packages/review-server/inbox/preview/html.ts';
import { markdownHtml } from '../../../packages/review-server/inbox/preview/markdown-html.ts';
import { toPreview } from '../../../src/assistant/check-shows.ts';
import { json, mutated, text } from '../arbitraries.ts';
import { must, orRefused, target } from '../target.ts';

const markup = fc.oneof(
  text,
  fc
    .array(
      fc.constantFrom(
        ...'<script> </main> <!-- --> ]]> & &lt; " \' ` * _ [ ]( ![ ) > # - 1. | \n \t \\ ~~ javascript: https://a.example \u202E'.split(
          ' ',
        ),
        '\n\n',
        ' ',
      ),
      { maxLength: 40 },
    )
    .map((parts) => parts.join('')),
);
const line = text.map((given) => given.slice(0, 100));
const preview = fc.oneof(
  fc.record({ type: fc.constant('markdown'), text: markup }),
  fc.record({ type: fc.constant('email'), to: fc.array(line, { maxLength: 3 }), subject: line, body: markup }),
  fc.record({ type: fc.constant('diff'), before: markup, after: markup }),
  fc.record({ type: fc.constant('table'), columns: fc.constant(['a', 'b']), rows: fc.array(fc.tuple(line, json)) }),
  fc.record({
    type: fc.constant('image'),
    data: line.map((given) => `data:image/png;base64,iVBORw0KGgo${given}`),
    alt: line,
  }),
);

const quickNotes = fc.dictionary(
  fc.constantFrom('fr', 'pt-BR', 'DE', '__proto__'),
  fc.record({ approve: fc.array(line), reject: fc.array(line) }, { requiredKeys: [] }),
);

/** The tags that the page writes, without attributes of the text. */
const ownTags =
  /<\/?(?:h[1-6]|p|blockquote|ul|ol|li|table|thead|tbody|tr|th|td|strong|em|s|pre|code|span)>|<(?:br|hr) \/>|<span class="(?:link|address|code-point|lookalike)">/g;

export const previewTargets = [
  target('previews: what a tool returns', 3, () => ({
    input: fc.oneof({ weight: 3, arbitrary: mutated(preview as never) }, { weight: 1, arbitrary: json }),
    run: (given) => {
      const made = orRefused(() => toPreview(given), TypeError);
      if (made === undefined) return;
      const { data: sent } = previewSchema.safeParse(JSON.parse(JSON.stringify(made)));
      must(sent !== undefined, 'The review server refuses a preview that the worker made.');
      must(previewDigest(sent) === previewDigest(made), 'The preview changes its digest on the way.');
      must(isJsonObject(createApprovalSchema.shape.preview.parse(sent)), 'The wire refuses the preview.');
    },
  })),
  target('previews: texts and markdown as HTML', 4, () => ({
    input: markup,
    run: (given) => {
      for (const html of [textHtml(given), markdownHtml(given)])
        must(!/[<>]/.test(html.replaceAll(ownTags, '')), `Markup of the text reaches the page: ${html}`);
      must(!/<|>/.test(textHtml(given).replaceAll(ownTags, '')), 'A text has markup.');
    },
  })),
  target('file of quick notes', 2, () => ({
    input: fc.oneof(
      fc.string(),
      json.map((value) => JSON.stringify(value)),
      mutated(quickNotes as never).map((value) => JSON.stringify(value)),
    ),
    run: (given) => {
      const read = orRefused(
        () =>
          parsePresets(given, (problem) => {
            throw new TypeError(problem);
          }),
        TypeError,
      );
      if (read !== undefined) must(presetsSchema.safeParse(read).success, 'The server refuses what it read.');
    },
  })),
];
