import { processLog } from '../process-log.ts';
import { processEnvironment, readConfig } from '../config.ts';
import { startOpenAIStandIn } from '../openai-stand-in/start-openai-stand-in.ts';
import { runProcess } from '../process-lifecycle.ts';

/** The stand-in for the model as a process of `holdpoint dev`; its port comes as an argument. */
await runProcess('stand-in', async () => {
  const { logLevel, openaiApiKey } = readConfig(processEnvironment(), ['openaiApiKey']);
  const log = processLog(logLevel);
  const standIn = await startOpenAIStandIn({
    port: Number(process.argv[2] ?? 0),
    apiKey: openaiApiKey.reveal(),
    log: (line) => log.info(line),
  });
  return { ready: { baseURL: standIn.url }, stop: () => standIn.close() };
});
