// node:process.

import { process } from '../platform/process.js';

export const {
  abort,
  arch,
  argv,
  argv0,
  chdir,
  cpuUsage,
  cwd,
  emitWarning,
  env,
  execArgv,
  execPath,
  exit,
  exitCode,
  features,
  hrtime,
  kill,
  memoryUsage,
  nextTick,
  off,
  on,
  once,
  pid,
  platform,
  ppid,
  release,
  stderr,
  stdin,
  stdout,
  title,
  umask,
  uptime,
  version,
  versions,
} = process;

export default process;
