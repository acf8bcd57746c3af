import { createElement } from 'react';
import { lazyPart } from '../ui/lazy-part.tsx';

/** The sign-in form, which a signed-in person does not load. */
export const SignInPage = lazyPart(async () => (await import('./sign-in-page.tsx')).SignInPage, {
  placeholder: createElement('div', { className: 'entry', 'aria-busy': true }),
});
