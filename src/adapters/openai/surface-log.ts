/** Where Holdpoint's own log goes; pino fits. Never gets prompts, arguments or outputs. */
export type SurfaceLog = { info(fields: object, message: string): void; warn(fields: object, message: string): void };
