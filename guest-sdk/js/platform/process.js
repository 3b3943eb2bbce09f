// `process`, as far as there is one: an attempt has no process of its own.

import { bind } from './context.js';
import { environment } from './environment.js';
import { define } from './globals.js';
import { host } from './host.js';
import { performance } from './performance.js';

// The version whose behaviour the modules have. Packages look at it before they use what is newer.
const VERSION = '22.0.0';

const output = (write, fd) => ({
  fd,
  isTTY: false,
  writable: true,
  columns: 80,
  write(chunk, encoding, done = encoding) {
    write(typeof chunk === 'string' ? chunk : host.decode(chunk, false));
    if (typeof done === 'function') queueMicrotask(done);
    return true;
  },
  end() {},
  on: () => {},
  once: () => {},
  emit: () => false,
  removeListener: () => {},
});

const nothing = () => process;

function hrtime(before) {
  const now = performance.now();
  const seconds = Math.trunc(now / 1000);
  const nanoseconds = Math.trunc((now % 1000) * 1e6);
  if (!before) return [seconds, nanoseconds];
  const difference = nanoseconds - before[1];
  return difference < 0
    ? [seconds - before[0] - 1, difference + 1e9]
    : [seconds - before[0], difference];
}

hrtime.bigint = () => BigInt(Math.trunc(performance.now() * 1e6));

/** Standard input, which has ended. */
function nothingToRead() {
  const stream = { fd: 0, isTTY: false, readable: false, read: () => null, pipe: (to) => to, async *[Symbol.asyncIterator]() {} };
  const on = (event, listener) => {
    if (event === 'end' || event === 'close') queueMicrotask(bind(listener));
    return stream;
  };
  for (const name of ['resume', 'pause', 'setEncoding', 'off', 'removeListener', 'unref', 'ref', 'destroy']) stream[name] = () => stream;
  return Object.assign(stream, { on, once: on, addListener: on });
}

export const process = {
  title: 'node',
  pid: 1,
  ppid: 0,
  arch: 'wasm32',
  platform: 'linux',
  version: `v${VERSION}`,
  versions: { node: VERSION },
  release: { name: 'node' },
  features: {},
  argv: ['node', 'activities'],
  argv0: 'node',
  execArgv: [],
  execPath: '/usr/bin/node',
  exitCode: undefined,
  env: environment,
  stdin: nothingToRead(),
  stdout: output(host.print, 1),
  stderr: output(host.printError, 2),
  cwd: () => '/',
  umask: () => 0o022,
  uptime: () => performance.now() / 1000,
  hrtime,
  memoryUsage: Object.assign(() => ({ rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 }), { rss: () => 0 }),
  cpuUsage: () => ({ user: 0, system: 0 }),
  // A tick of Node's comes before the microtasks that wait already; here it is one of them.
  nextTick(work, ...args) {
    const bound = bind(work);
    queueMicrotask(() => bound(...args));
  },
  emitWarning(warning) {
    host.printError(`${warning?.name ?? 'Warning'}: ${warning?.message ?? warning}\n`);
  },
  exit(code = 0) {
    throw new Error(`process.exit(${code}) was called: an activity ends by returning or throwing`);
  },
  abort() {
    throw new Error('process.abort() was called: an activity ends by returning or throwing');
  },
  kill() {
    throw new Error('process.kill() was called: an activity has no processes');
  },
  chdir() {
    throw new Error('process.chdir() was called: an activity has no directory of its own');
  },
  // No event of a process ever happens.
  on: nothing,
  once: nothing,
  off: nothing,
  addListener: nothing,
  prependListener: nothing,
  removeListener: nothing,
  removeAllListeners: nothing,
  setMaxListeners: nothing,
  emit: () => false,
  listeners: () => [],
  listenerCount: () => 0,
  eventNames: () => [],
  get [Symbol.toStringTag]() {
    return 'process';
  },
};

define({ process });
