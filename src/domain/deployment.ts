/** How a waiting run meets a new version of the workers. */
export const versionings = ['auto-upgrade', 'pinned'] as const;
export type Versioning = (typeof versionings)[number];

/** Name of the Worker Deployment when none is set. */
export const defaultDeployment = 'holdpoint';

/** A version of the workers in Temporal's Worker Deployments. */
export type WorkerVersion = {
  /** Name of the deployment. All workers of a Task Queue have the same one. @default 'holdpoint' */
  deployment?: string;
  /** Names the version, such as a commit or an image's tag. Each deploy has another one. */
  buildId: string;
  /**
   * `auto-upgrade`: a waiting run goes on with the current version at its next decision. `pinned`: it stays with the version
   * that began it, whose workers must run until its end.
   * @default 'auto-upgrade'
   */
  versioning?: Versioning;
};
