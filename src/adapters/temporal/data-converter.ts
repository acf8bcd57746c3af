import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { createPayloadCodec, type PayloadCodecOptions } from './payload-codec.ts';

/** Path of the failure converter of encrypted runs, for a Worker's data converter and for its Workflow bundle. */
export const encodedFailuresPath = fileURLToPath(new URL('encoded-failures.cjs', import.meta.url));

/**
 * The data converter of every client and worker of Holdpoint. Without keys it encrypts nothing, and names the key of a
 * value that it can't decrypt.
 */
export function createDataConverter(options: PayloadCodecOptions): DataConverter {
  const { encryption } = options;
  const encrypts = encryption !== undefined && encryption.decryptOnly !== true;
  return {
    payloadCodecs: [createPayloadCodec(options)],
    // The Workflow bundle needs the same converter: `workflowBundle`.
    ...(encrypts && { failureConverterPath: encodedFailuresPath }),
  };
}

/** True if messages and stacks of failures are encrypted, too. */
export function encodesFailures(dataConverter: DataConverter | undefined): boolean {
  return dataConverter?.failureConverterPath === encodedFailuresPath;
}
