// `request` and `get` of node:http and node:https.

import { ClientRequest } from './http_request.js';

/** A URL, options and a listener, each of which may be left out. */
function settle(protocol, [first, second, third]) {
  const isUrl = typeof first === 'string' || first instanceof URL;
  const options = { ...(isUrl ? fromUrl(new URL(first)) : first), ...(isUrl && typeof second !== 'function' ? second : undefined) };
  const listener = [second, third].find((each) => typeof each === 'function');
  return { options: { protocol, ...options }, listener };
}

const fromUrl = ({ protocol, hostname, port, pathname, search, username, password }) => ({
  protocol,
  hostname,
  ...(port && { port }),
  path: pathname + search,
  ...(username && { auth: `${decodeURIComponent(username)}:${decodeURIComponent(password)}` }),
});

export function clientOf(protocol) {
  const request = (...args) => {
    const { options, listener } = settle(protocol, args);
    return new ClientRequest(options, listener);
  };
  const get = (...args) => {
    const sent = request(...args);
    sent.end();
    return sent;
  };
  return { get, request };
}
