/** The client of the gateway: `import { createClient } from 'holdpoint/client'`. */
export * from '@holdpoint/client';
