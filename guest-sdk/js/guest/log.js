// The logger of activities: lines of the worker's log, with what is known of the attempt added by the host.

import { host } from '../platform/host.js';

// The host has them in every line, under its own names.
const TOLD_BY_THE_HOST = new Set(['isLocal', 'attempt', 'namespace', 'taskToken', 'activityId', 'activityType', 'taskQueue',
  'workflowId', 'workflowRunId', 'workflowType', 'activityRunId', 'sdkComponent']);

class Logger {
  log(level, message, meta = {}) {
    const fields = Object.entries(meta).filter(([key]) => !TOLD_BY_THE_HOST.has(key));
    host.log(level, 'activity', String(message), fields.map(([key, value]) => [key, json(value)]));
  }

  trace(message, meta) {
    this.log('TRACE', message, meta);
  }

  debug(message, meta) {
    this.log('DEBUG', message, meta);
  }

  info(message, meta) {
    this.log('INFO', message, meta);
  }

  warn(message, meta) {
    this.log('WARN', message, meta);
  }

  error(message, meta) {
    this.log('ERROR', message, meta);
  }
}

export const logger = new Logger();

/** A value as JSON. What has none is told as text, so that no line is lost for it. */
function json(value) {
  try {
    return JSON.stringify(value, (_, each) => {
      if (typeof each === 'bigint') return String(each);
      if (each instanceof Error) return each.stack || String(each);
      return each;
    }) ?? JSON.stringify(String(value));
  } catch {
    return JSON.stringify(String(value));
  }
}
