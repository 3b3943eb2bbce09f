// node:fs. One list: whoever imports a name that is not in it finds nothing, and no build fails for it.

const { promisify } = require('./promisify.js');
const { constants } = require('./fs_constants.js');
const files = require('./fs_files.js');
const folders = require('./fs_folders.js');
const refused = require('./fs_refused.js');
const copying = require('./fs_copy.js');
const { Dir, Dirent, Stats } = require('./fs_stats.js');
const { later, inTurn } = require('./fs_later.js');
const streams = require('./fs_streams.js');
const promises = require('./fs_promises.cjs');

/** All functions that work at once. */
const atOnce = { ...files, ...folders, ...refused, cpSync: copying.cpSync };

const ANSWERS = {
  // The promises of the other forms have names.
  readSync: ['bytesRead', 'buffer', (count, fd, buffer) => [count, buffer]],
  readvSync: ['bytesRead', 'buffers', (count, fd, buffers) => [count, buffers]],
  writeSync: ['bytesWritten', 'buffer', (count, fd, buffer) => [count, buffer]],
  writevSync: ['bytesWritten', 'buffers', (count, fd, buffers) => [count, buffers]],
};

function callingBack(name, work) {
  const [count, data, answers] = ANSWERS[name] ?? [];
  const calling = later(work, answers);
  if (answers) {
    calling[promisify.custom] = async (...args) => {
      const [number, given] = answers(await inTurn(() => work(...args)), ...args);
      return { [count]: number, [data]: given };
    };
  }
  return calling;
}

const entries = Object.entries(atOnce).filter(([name]) => name.endsWith('Sync') && name !== 'existsSync');
const calling = Object.fromEntries(entries.map(([name, work]) => [name.replace(/Sync$/, ''), callingBack(name, work)]));

calling.realpath.native = calling.realpath;
calling.cp = (source, target, options, done = options) => {
  promises.cp(source, target, typeof options === 'function' ? {} : options).then(() => done(null), done);
};

/** Without an error to call back with, as it was when it was made. */
function exists(path, done) {
  setImmediate(() => done(files.existsSync(path)));
}

exists[promisify.custom] = (path) => inTurn(() => files.existsSync(path));

/** A file as a Blob, which holds all of it. */
const openAsBlob = (path, { type = '' } = {}) => inTurn(() => new Blob([files.readFileSync(path)], { type }));

module.exports = {
  ...atOnce,
  ...calling,
  ...streams,
  FileReadStream: streams.ReadStream,
  FileWriteStream: streams.WriteStream,
  Dir,
  Dirent,
  F_OK: constants.F_OK,
  R_OK: constants.R_OK,
  Stats,
  W_OK: constants.W_OK,
  X_OK: constants.X_OK,
  constants,
  exists,
  openAsBlob,
  promises,
};
