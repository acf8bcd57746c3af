import { describe, expect, it } from 'vitest';
import { testGateway } from './test-gateway.ts';

const samplesOf = (text: string, name: string) => text.split('\n').filter((line) => line.startsWith(`${name}{`));

describe('gateway, /metrics', () => {
  it('open runs → by state and reason, counted once for several scrapes', async () => {
    let counts = 0;
    const { call } = testGateway({
      countOpenRuns: async () => {
        counts += 1;
        return { running: 4, waiting: 3, parked: 3, byReason: { QuotaExhausted: 2, ModelRetired: 0 } };
      },
    });
    const { text } = await call('GET', '/metrics', undefined, { authorization: '' });
    expect((await call('GET', '/metrics')).text).toContain('holdpoint_gateway_open_runs{state="running"} 4');
    expect(counts).toBe(1);
    expect(samplesOf(text, 'holdpoint_gateway_open_runs')).toEqual([
      'holdpoint_gateway_open_runs{state="running"} 4',
      'holdpoint_gateway_open_runs{state="waiting"} 3',
      'holdpoint_gateway_open_runs{state="parked"} 3',
    ]);
    expect(samplesOf(text, 'holdpoint_gateway_parked_runs')).toEqual([
      'holdpoint_gateway_parked_runs{reason="QuotaExhausted"} 2',
      'holdpoint_gateway_parked_runs{reason="ModelRetired"} 0',
      'holdpoint_gateway_parked_runs{reason="other"} 1',
    ]);
  });

  it('Temporal does not answer → the other metrics, and a line in the log', async () => {
    const { call, lines } = testGateway({ countOpenRuns: () => Promise.reject(new Error('away')) });
    const { status, text } = await call('GET', '/metrics');
    expect(status).toBe(200);
    expect(text).toContain('holdpoint_gateway_watchers');
    expect(samplesOf(text, 'holdpoint_gateway_open_runs')).toEqual([]);
    expect(lines.join()).toContain('Open runs could not be counted');
  });
});
