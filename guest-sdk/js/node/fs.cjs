// node:fs for packages that could do with files and live without.

const absent = require('./absent.cjs');

const constants = { F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1 };

const missing = (path) =>
  Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: 'ENOENT', errno: -2, path });

const later =
  (work) =>
  (path, ...rest) => {
    const done = rest.at(-1);
    setImmediate(() => work(path, done));
  };

const failing = later((path, done) => done(missing(path)));

const failingSync = (path) => {
  throw missing(path);
};

const failingPromise = async (path) => {
  throw missing(path);
};

const reading = ['access', 'lstat', 'open', 'readFile', 'readdir', 'realpath', 'stat'];
const entries = (suffix, work) => Object.fromEntries(reading.map((name) => [name + suffix, work]));

const promises = absent('fs/promises', { constants, ...entries('', failingPromise) });

module.exports = absent('fs', {
  constants,
  promises,
  ...entries('', failing),
  ...entries('Sync', failingSync),
  exists: later((path, done) => done(false)),
  existsSync: () => false,
});
