import type { Measurement } from '../measurement.ts';
import { holdpointAfterKill } from './holdpoint-among-peers.ts';

/** Many runs are decided, and the only worker gets kill -9 when the first tool has begun. The time ends with the last act. */
export const killedInTools: Measurement = {
  name: 'kill -9 while tools start',
  figures: ['killed-in-tools'],
  async measure(bench) {
    const { runs, lost, twice, seconds } = await holdpointAfterKill(bench, 'act', bench.scale.runsInTools);
    const topic = `kill -9 while the tools of ${runs} runs start`;
    return {
      results: [{ id: 'killed-in-tools', values: { '': seconds } }],
      facts: [
        { topic, name: 'kill → all have acted', unit: 's', value: seconds },
        { topic, name: 'never acted', unit: '', value: lost },
        { topic, name: 'tools started twice, with one key', unit: '', value: twice },
      ],
    };
  },
};
