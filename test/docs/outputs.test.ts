import { expect, it } from 'vitest';
import { agedOutput, approvedOutput, editedOutput, outputs, resultOutput } from '../../src/domain/outputs.ts';
import { documentNamed, tableRows } from './documents.ts';

const sent = { sent: 120 };
const changes = { recipient_count: { from: 500, to: 120 } };

/** All outputs for the model, with the placeholders of docs/tools.md. */
const told: Record<keyof typeof outputs, string> & Record<string, string> = {
  denied: outputs.denied,
  deniedWithNote: outputs.deniedWithNote('<note>'),
  expired: outputs.expired,
  withdrawn: outputs.withdrawn,
  superseded: outputs.superseded,
  unknownTool: outputs.unknownTool('<name>', ['<names>']),
  badArguments: outputs.badArguments('<name>', '<path>', '<message>'),
  runEnded: outputs.runEnded,
  tooManyCalls: outputs.tooManyCalls,
  deniedBefore: outputs.deniedBefore,
  failed: outputs.failed('<name>', '<message>'),
  confirmed: outputs.confirmed,
  unknown: outputs.unknown,
  result: resultOutput(sent),
  edited: editedOutput(sent, changes, 'Only Europe.'),
  editedWithoutNote: editedOutput(sent, changes, null),
  approved: approvedOutput(null),
  approvedWithEdit: approvedOutput({ amount: 20 }),
  aged: agedOutput(sent, Date.parse('2026-11-22T12:00:00Z')),
};

it('docs/tools.md: outputs for the model → all, byte for byte', () => {
  const [, table = ''] = documentNamed('docs/tools.md').split('## Outputs for the model');
  const documented = tableRows(table.split('\n## ')[0]!).flatMap(([, output]) => /^`(.*)`$/.exec(output!)?.[1] ?? []);
  expect(documented.toSorted()).toEqual(Object.values(told).toSorted());
});
