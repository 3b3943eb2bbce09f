// node:os: a machine that has nothing to tell.

export const EOL = '\n';
export const devNull = '/dev/null';
export const constants = { signals: {}, errno: {}, priority: {} };

export const arch = () => 'wasm32';
export const availableParallelism = () => 1;
export const cpus = () => [];
export const endianness = () => 'LE';
export const freemem = () => 0;
export const getPriority = () => 0;
export const setPriority = () => {};
// A folder in the attempt's memory, as is that for temporary files.
export const homedir = () => '/home/isolet';
export const hostname = () => 'localhost';
export const loadavg = () => [0, 0, 0];
export const machine = () => 'wasm32';
export const networkInterfaces = () => ({});
export const platform = () => 'linux';
export const release = () => '';
export const tmpdir = () => '/tmp';
export const totalmem = () => 0;
export const type = () => 'Linux';
export const uptime = () => 0;
export const userInfo = () => ({ uid: -1, gid: -1, username: 'isolet', homedir: homedir(), shell: null });
export const version = () => '';

export default {
  EOL,
  arch,
  availableParallelism,
  constants,
  cpus,
  devNull,
  endianness,
  freemem,
  getPriority,
  homedir,
  hostname,
  loadavg,
  machine,
  networkInterfaces,
  platform,
  release,
  setPriority,
  tmpdir,
  totalmem,
  type,
  uptime,
  userInfo,
  version,
};
