import { processLog, runProcess } from '@holdpoint/process';
import { processEnvironment } from '../config/environment.ts';
import { standInSchema } from '../config/process-schemas.ts';
import { readConfig } from '../config/read-config.ts';
import { startOpenAIStandIn } from '@holdpoint/openai-stand-in';

/** The stand-in for the model as a process of `holdpoint dev`. Its port comes as an argument. */
await runProcess('stand-in', async () => {
  const { logLevel, openaiApiKey } = readConfig(processEnvironment(), standInSchema);
  const log = processLog(logLevel);
  const standIn = await startOpenAIStandIn({
    port: Number(process.argv[2] ?? 0),
    apiKey: openaiApiKey.reveal(),
    log: (line) => log.info(line),
  });
  return { ready: { baseURL: standIn.url }, stop: () => standIn.close() };
});
