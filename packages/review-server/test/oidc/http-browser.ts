/** A browser without a page: cookies by host and path, redirects one at a time. */
export type HttpBrowser = {
  /** Sends a request with this browser's cookies, and keeps the answer's. */
  send(url: string, options?: { form?: Record<string, string>; method?: string }): Promise<Visit>;
  /** Follows redirects to the first page that is none. `until`: stops before an address that begins so. */
  follow(url: string, options?: { form?: Record<string, string>; until?: string }): Promise<Visit>;
  /** Values of the cookies of a host, by name. */
  cookies: Map<string, Cookie>;
};
type Cookie = { host: string; path: string; name: string; value: string };
export type Visit = { url: string; status: number; location: string | undefined; text: string };

export function createHttpBrowser(): HttpBrowser {
  const cookies: HttpBrowser['cookies'] = new Map();
  const browser: HttpBrowser = {
    cookies,
    async send(url, { form, method = form === undefined ? 'GET' : 'POST' } = {}) {
      const { hostname: host, pathname, origin } = new URL(url);
      const cookie = [...cookies.values()]
        .filter((each) => each.host === host && pathname.startsWith(each.path))
        .map(({ name, value }) => `${name}=${value}`)
        .join('; ');
      const response = await fetch(url, {
        method,
        redirect: 'manual',
        headers: {
          ...(cookie !== '' && { cookie }),
          ...(method !== 'GET' && { origin, 'sec-fetch-site': 'same-origin' }),
          accept: 'text/html',
        },
        ...(form !== undefined && { body: new URLSearchParams(form) }),
      });
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        const path = /;\s*path=([^;]*)/i.exec(line)?.[1] ?? '/';
        const isGone = value === '' || /max-age=0/i.test(line) || /expires=thu, 01 jan 1970/i.test(line);
        if (isGone) cookies.delete(`${host} ${path} ${name}`);
        else cookies.set(`${host} ${path} ${name}`, { host, path, name, value });
      }
      const location = response.headers.get('location');
      return {
        url,
        status: response.status,
        location: location === null ? undefined : new URL(location, url).href,
        text: await response.text(),
      };
    },
    async follow(url, { form, until } = {}) {
      let visit = await browser.send(url, form === undefined ? {} : { form });
      const goesOn = ({ location }: Visit) => until === undefined || location?.startsWith(until) === false;
      while (visit.location !== undefined && goesOn(visit)) visit = await browser.send(visit.location);
      return visit;
    },
  };
  return browser;
}
