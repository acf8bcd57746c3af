import type { Target } from './target.ts';
import { cheqpointTargets } from './targets/cheqpoint.ts';
import { clientTargets } from './targets/client.ts';
import { configTargets } from './targets/config.ts';
import { definitionTargets } from './targets/definitions.ts';
import { cliTargets } from './targets/cli.ts';
import { encryptionTargets } from './targets/encryption.ts';
import { formTargets } from './targets/forms.ts';
import { modelTargets } from './targets/model.ts';
import { previewTargets } from './targets/previews.ts';
import { rawHttpTargets } from './targets/raw-http.ts';
import { reviewPartTargets } from './targets/review-parts.ts';
import { shownTargets } from './targets/shown.ts';
import { reviewOptionTargets } from './targets/review-options.ts';
import { signInPartTargets } from './targets/sign-in-parts.ts';
import { gatewayTargets } from './targets/gateway.ts';
import { jsonTargets } from './targets/json.ts';
import { reviewServerTargets } from './targets/review-server.ts';
import { timesTargets } from './targets/times.ts';
import { signingTargets } from './targets/signing.ts';

/** Every target of `npm run test:fuzz`. The slow ones come first, so that no process is alone at the end. */
export const targets: readonly Target[] = [
  ...reviewServerTargets,
  ...gatewayTargets,
  ...shownTargets,
  ...rawHttpTargets,
  ...cliTargets,
  ...modelTargets,
  ...formTargets,
  ...reviewPartTargets,
  ...previewTargets,
  ...timesTargets,
  ...signInPartTargets,
  ...reviewOptionTargets,
  ...jsonTargets,
  ...signingTargets,
  ...encryptionTargets,
  ...cheqpointTargets,
  ...clientTargets,
  ...configTargets,
  ...definitionTargets,
];
