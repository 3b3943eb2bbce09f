// Which of Node's modules there are, and what the bundler must be told. Plain data, for the builder.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));

// Paths are relative to this SDK's folder. A module that is not listed is refused when the project is built.
export const modules = {
  assert: 'node/assert.cjs',
  'assert/strict': 'node/assert_strict.cjs',
  async_hooks: 'node/async_hooks.js',
  buffer: 'node/buffer.js',
  console: 'node/console.js',
  constants: 'node/constants.cjs',
  crypto: 'node/crypto.js',
  diagnostics_channel: 'node/diagnostics_channel.js',
  events: 'node/events.cjs',
  fs: 'node/fs.cjs',
  'fs/promises': 'node/fs_promises.cjs',
  http: 'node/http.js',
  https: 'node/https.js',
  os: 'node/os.js',
  path: 'node/path.js',
  'path/posix': 'node/path.js',
  perf_hooks: 'node/perf_hooks.js',
  process: 'node/process.js',
  querystring: 'node/querystring.js',
  readline: 'node/readline.cjs',
  'readline/promises': 'node/readline_promises.cjs',
  stream: 'node/stream.cjs',
  'stream/consumers': 'node/stream_consumers.js',
  'stream/promises': 'node/stream_promises.js',
  'stream/web': 'node/stream_web.js',
  string_decoder: 'node/string_decoder.js',
  sys: 'node/util.js',
  timers: 'node/timers.js',
  'timers/promises': 'node/timers_promises.js',
  tty: 'node/tty.js',
  url: 'node/url.js',
  util: 'node/util.js',
  'util/types': 'node/util_types.js',
  zlib: 'node/zlib.js',
};

// What packages may import all the same, and the project may not: they are told when they use it. Those with a file have
// a little of it.
const ABSENT = {
  child_process: undefined,
  cluster: undefined,
  dgram: undefined,
  dns: undefined,
  'dns/promises': undefined,
  http2: undefined,
  inspector: undefined,
  module: undefined,
  net: 'net.cjs',
  repl: undefined,
  sqlite: undefined,
  tls: 'tls.cjs',
  v8: undefined,
  vm: undefined,
  worker_threads: undefined,
};

const absent = {
  name: 'isolet:absent',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^(node:)?(${Object.keys(ABSENT).join('|')})$`) }, ({ path: wanted, importer, namespace }) => {
      if (namespace !== 'isolet:absent' && !/[\\/]node_modules[\\/]/.test(importer)) return undefined;
      const name = wanted.replace('node:', '');
      return ABSENT[name] ? { path: path.join(HERE, ABSENT[name]) } : { path: name, namespace: 'isolet:absent' };
    });
    build.onLoad({ filter: /.*/, namespace: 'isolet:absent' }, ({ path: name }) => ({
      contents: `module.exports = require('./absent.cjs')(${JSON.stringify(name)});`,
      resolveDir: HERE,
    }));
  },
};

// Packages that look up what all asynchronous functions inherit from take an empty one, which must stay what it is.
const EMPTY_FUNCTION = /\basync function\s*(\*?)\s*\(\)\s*\{\s*\}/g;

const keepNative = {
  name: 'isolet:keep-native',
  setup(build) {
    build.onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/ }, async ({ path: file }) => {
      const code = await readFile(file, 'utf8');
      if (code.search(EMPTY_FUNCTION) === -1) return undefined;
      return { contents: code.replace(EMPTY_FUNCTION, '(0,eval)("(async function$1(){})")'), loader: 'js' };
    });
  },
};

// `Buffer` comes along where it is named, and nowhere else: nothing of these two files is missed otherwise.
const leaveOutBuffer = {
  name: 'isolet:leave-out-buffer',
  setup(build) {
    build.onResolve({ filter: /(^|[\\/])(inject|buffer)\.js$/ }, ({ path: wanted, resolveDir }) => {
      const file = path.resolve(resolveDir, wanted);
      return path.dirname(file) === path.resolve(HERE) ? { path: file, sideEffects: false } : undefined;
    });
  },
};

// The package readable-stream brings a `process` of its own, whose ticks are timers.
const oneProcess = {
  name: 'isolet:one-process',
  setup(build) {
    build.onResolve({ filter: /^process\/$/ }, () => ({ path: path.join(HERE, 'process.js') }));
  },
};

// What this package has for browsers reads XML with their DOM.
const xmlWithoutDom = {
  name: 'isolet:xml-without-dom',
  setup(build) {
    build.onResolve({ filter: /^\.\/xml-parser$/ }, ({ resolveDir }) => {
      const isIt = resolveDir.endsWith(path.join('@aws-sdk', 'xml-builder', 'dist-es'));
      return isIt ? { path: path.join(resolveDir, 'xml-parser.js') } : undefined;
    });
  },
};

/** What esbuild needs to be told. */
export const options = {
  // What the engine has.
  target: 'es2023',
  // Packages for browsers and workers use fetch and Web Crypto where those for Node want sockets and files.
  platform: 'browser',
  conditions: ['worker', 'browser', 'module'],
  mainFields: ['browser', 'module', 'main'],
  // Asynchronous functions become generators, through which platform/context.js can carry AsyncLocalStorage.
  supported: { 'async-await': false, 'async-generator': false, 'for-await': false },
  define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
  inject: [path.join(HERE, 'inject.js')],
  plugins: [absent, keepNative, leaveOutBuffer, oneProcess, xmlWithoutDom],
};
