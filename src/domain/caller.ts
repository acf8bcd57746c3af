/** The permissions of a caller: `CallerScopes` of the client documents them. */
export type CallerScopes = {
  start: 'all' | string[];
  read: 'own' | 'all';
  control: 'none' | 'own' | 'all';
  ask: boolean;
  decode: boolean;
  admin: boolean;
};

/** The caller with HOLDPOINT_API_KEY. No other caller can have this name. */
export const operatorName = 'operator';

/** The permissions of HOLDPOINT_API_KEY. */
export const everything: CallerScopes = {
  start: 'all',
  read: 'all',
  control: 'all',
  ask: true,
  decode: true,
  admin: true,
};

/** The permissions of a caller for which none were named. */
export const leastScopes: CallerScopes = {
  start: [],
  read: 'own',
  control: 'own',
  ask: false,
  decode: false,
  admin: false,
};
