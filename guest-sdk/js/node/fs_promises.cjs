// node:fs/promises. One list: whoever imports a name that is not in it finds nothing, and no build fails for it.

const { constants } = require('./fs_constants.js');
const files = require('./fs_files.js');
const folders = require('./fs_folders.js');
const refused = require('./fs_refused.js');
const copying = require('./fs_copy.js');
const { optionsOf } = require('./fs_arguments.js');
const { FileHandle, piecesOf } = require('./fs_handle.js');
const { inTurn, promised } = require('./fs_later.js');

/** The number of what may be a FileHandle. */
const numberOf = (given) => (given instanceof FileHandle ? given.fd : given);

async function writeFile(path, data, options) {
  const settings = optionsOf(options, { flag: 'w' });
  if (path instanceof FileHandle) {
    await path.writeFile(data, settings);
    return;
  }
  const handle = await inTurn(() => new FileHandle(files.openSync(path, settings.flag)), settings.signal);
  try {
    for await (const piece of piecesOf(data)) await handle.writeFile(piece, settings);
    if (settings.flush) await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Fails where the first change would be told. */
async function* watch(path) {
  yield refused.watch(path);
}

module.exports = {
  access: promised(files.accessSync),
  appendFile: (path, data, options) => writeFile(path, data, optionsOf(options, { flag: 'a' })),
  chmod: promised(refused.chmodSync),
  chown: promised(refused.chownSync),
  constants,
  copyFile: promised(files.copyFileSync),
  cp: (source, target, options) => inTurn(() => copying.cp(source, target, options)),
  lchmod: promised(refused.lchmodSync),
  lchown: promised(refused.lchownSync),
  link: promised(folders.linkSync),
  lstat: promised(files.lstatSync),
  lutimes: promised(files.lutimesSync),
  mkdir: promised(folders.mkdirSync),
  mkdtemp: promised(folders.mkdtempSync),
  open: (path, flags, mode) => inTurn(() => new FileHandle(files.openSync(path, flags, mode))),
  opendir: promised(folders.opendirSync),
  readFile: (path, options) => inTurn(() => files.readFileSync(numberOf(path), options), options?.signal),
  readdir: promised(folders.readdirSync),
  readlink: promised(folders.readlinkSync),
  realpath: promised(folders.realpathSync),
  rename: promised(folders.renameSync),
  rm: promised(folders.rmSync),
  rmdir: promised(folders.rmdirSync),
  stat: promised(files.statSync),
  statfs: promised(refused.statfsSync),
  symlink: promised(folders.symlinkSync),
  truncate: promised(files.truncateSync),
  unlink: promised(folders.unlinkSync),
  utimes: promised(files.utimesSync),
  watch,
  writeFile,
};
