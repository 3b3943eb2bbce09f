// node:https, as a client. The host does the TLS, with its own certificates.

import { clientOf } from './http_client.js';
import { refuse } from './refuse.js';
import { Agent, createServer, globalAgent } from './http_common.js';

export const { get, request } = clientOf('https:');

export const Server = refuse('https.Server');

export { Agent, createServer, globalAgent };

export default { Agent, Server, createServer, get, globalAgent, request };
