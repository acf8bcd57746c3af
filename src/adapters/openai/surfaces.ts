import type { ModelSurface } from '../../activities/ports.ts';
import type { Assistant } from '../../assistant/assistant.ts';
import { createAssistantsSurface } from './assistants/assistants-surface.ts';
import { createResponsesSurface } from './responses/responses-surface.ts';
import type { ResponsesSurfaceOptions } from './responses/responses-surface.ts';

/** Returns the surface for an assistant's `api`. */
export function createSurfaces(options: ResponsesSurfaceOptions): (assistant: Assistant) => ModelSurface {
  const surfaces: Record<Assistant['api'], ModelSurface> = {
    responses: createResponsesSurface(options),
    assistants: createAssistantsSurface(options),
  };
  return ({ api }) => surfaces[api];
}
