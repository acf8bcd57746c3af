import { defineAssistant, defineConfig } from 'holdpoint';
import { refund } from './tools/refund.ts';

export default defineConfig({
  assistants: [
    defineAssistant({
      name: 'support',
      model: 'gpt-5',
      instructions: 'You help customers with their orders. Refund what they ask for.',
      tools: [refund],
    }),
  ],
});
