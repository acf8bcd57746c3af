// What the `timeout` of vm's runInContext costs a call that does nothing. Run: node vm-timeout.mjs
import vm from 'node:vm';

const calls = 3000;
const script = new vm.Script('work()');
const context = vm.createContext({ work: () => undefined }, { microtaskMode: 'afterEvaluate' });

function measure(options) {
  for (let call = 0; call < 200; call += 1) script.runInContext(context, options);
  const cpu = process.cpuUsage();
  const began = performance.now();
  for (let call = 0; call < calls; call += 1) script.runInContext(context, options);
  const wall = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  return { wall: (1000 * wall) / calls, cpu: (user + system) / calls };
}

for (let round = 1; round <= 3; round += 1) {
  const [without, with5s] = [measure({}), measure({ timeout: 5000 })];
  const text = ({ wall, cpu }) => `${wall.toFixed(1)} µs wall, ${cpu.toFixed(1)} µs processor time`;
  console.log(`round ${round}: without timeout ${text(without)}; with timeout ${text(with5s)}`);
}
