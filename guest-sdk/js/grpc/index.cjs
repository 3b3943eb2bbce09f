// `@grpc/grpc-js` in the sandbox: the package's own client, on the one channel that there is. Servers, resolvers and
// balancers need sockets, and are left out.

const { Client } = require('@grpc/grpc-js/build/src/client');
const { ListenerBuilder, RequesterBuilder, InterceptingCall, InterceptorConfigurationError } = require('@grpc/grpc-js/build/src/client-interceptors');
const { ConnectivityState } = require('@grpc/grpc-js/build/src/connectivity-state');
const { LogVerbosity, Propagate, Status } = require('@grpc/grpc-js/build/src/constants');
const { setLogger, setLoggerVerbosity } = require('@grpc/grpc-js/build/src/logging');
const { loadPackageDefinition, makeClientConstructor } = require('@grpc/grpc-js/build/src/make-client');
const { Metadata } = require('@grpc/grpc-js/build/src/metadata');
const { StatusBuilder } = require('@grpc/grpc-js/build/src/status-builder');

const { ChannelImplementation } = require('./channel');
const { CallCredentials, ChannelCredentials, credentials } = require('./credentials');

Object.defineProperty(exports, '__esModule', { value: true });
Object.assign(exports, {
  CallCredentials,
  Channel: ChannelImplementation,
  ChannelCredentials,
  Client,
  InterceptingCall,
  InterceptorConfigurationError,
  ListenerBuilder,
  Metadata,
  RequesterBuilder,
  StatusBuilder,
  closeClient: (client) => client.close(),
  connectivityState: ConnectivityState,
  credentials,
  getClientChannel: (client) => Client.prototype.getChannel.call(client),
  loadPackageDefinition,
  logVerbosity: LogVerbosity,
  makeClientConstructor,
  makeGenericClientConstructor: makeClientConstructor,
  propagate: Propagate,
  setLogVerbosity: setLoggerVerbosity,
  setLogger,
  status: Status,
  waitForClientReady: (client, deadline, callback) => client.waitForReady(deadline, callback),
});
