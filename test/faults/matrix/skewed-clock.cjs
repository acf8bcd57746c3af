/*
 * Loaded into every process of the matrix by NODE_OPTIONS. SIGUSR2 reads the offset of the process's clock, in
 * milliseconds, from the file FAULTS_CLOCK. Timers keep their own clock, as they do when a host's clock jumps.
 */
const { readFileSync } = require('node:fs');
const { isMainThread } = require('node:worker_threads');

const RealDate = Date;
let offset = 0;
globalThis.Date = class extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(RealDate.now() + offset);
    else super(...parts);
  }
  static now() {
    return RealDate.now() + offset;
  }
};
if (isMainThread && process.env.FAULTS_CLOCK)
  process.on('SIGUSR2', () => {
    offset = Number(readFileSync(process.env.FAULTS_CLOCK, 'utf8'));
  });
