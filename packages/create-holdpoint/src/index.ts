export { createProject, ProjectError, type CreatedProject } from './create-project.ts';
export { exampleNames } from './examples.ts';
export { nextSteps } from './next-steps.ts';
