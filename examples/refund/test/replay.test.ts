import { replayAll } from 'holdpoint/testing';
import { expect, it } from 'vitest';

// A run may wait for weeks and then meet a newer version. This test shows that the installed version continues the runs
// in test/histories. Add one of your own: npx holdpoint runs history RUN > test/histories/NAME.json
it('waiting runs continue with this version', async () => {
  expect((await replayAll('test/histories')).every(({ ok }) => ok)).toBe(true);
}, 30_000);
