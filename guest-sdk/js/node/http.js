// node:http, as a client: requests go out through the platform's exchanges. There are no servers and no sockets.

import { refuse } from './refuse.js';
import { clientOf } from './http_client.js';
import { ClientRequest } from './http_request.js';
import { IncomingMessage } from './http_message.js';
import {
  Agent,
  METHODS,
  STATUS_CODES,
  createServer,
  globalAgent,
  maxHeaderSize,
  validateHeaderName,
  validateHeaderValue,
} from './http_common.js';

export const OutgoingMessage = ClientRequest;
export const Server = refuse('http.Server');
export const ServerResponse = refuse('http.ServerResponse');

export const { get, request } = clientOf('http:');

export {
  Agent,
  ClientRequest,
  IncomingMessage,
  METHODS,
  STATUS_CODES,
  createServer,
  globalAgent,
  maxHeaderSize,
  validateHeaderName,
  validateHeaderValue,
};

export default {
  Agent,
  ClientRequest,
  IncomingMessage,
  METHODS,
  OutgoingMessage,
  STATUS_CODES,
  Server,
  ServerResponse,
  createServer,
  get,
  globalAgent,
  maxHeaderSize,
  request,
  validateHeaderName,
  validateHeaderValue,
};
