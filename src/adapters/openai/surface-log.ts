/** The logger of a surface, for example pino's. Never gets prompts, arguments or outputs. */
export type SurfaceLog = { info(fields: object, message: string): void; warn(fields: object, message: string): void };
