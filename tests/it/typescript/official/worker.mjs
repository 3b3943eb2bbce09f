// Temporal's own TypeScript worker, serving the activities of modules: `node worker.mjs ADDRESS QUEUE MODULE…`.
//
// What the activities log is written to standard error, a JSON object a line, with the keys of Isolet's own log. The
// packages are found below PACKAGES.

import { createRequire, register } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const packages = pathToFileURL(path.join(process.env.PACKAGES, 'package.json')).href;
const { DefaultLogger, NativeConnection, Runtime, Worker } = createRequire(packages)('@temporalio/worker');

// What the worker says with every line, and Isolet in fields of its own.
const ABOUT = new Set(['isLocal', 'attempt', 'namespace', 'taskToken', 'activityId', 'activityType', 'taskQueue', 'workflowId',
  'workflowRunId', 'workflowType', 'activityRunId', 'sdkComponent']);

function write({ level, message, meta = {} }) {
  // What the worker says of its tasks is not what activities say.
  if (meta.sdkComponent !== 'activity') {
    if (level === 'ERROR') process.stderr.write(`${message} ${meta.error?.stack ?? ''}\n`);
    return;
  }
  const fields = Object.entries(meta).filter(([key]) => !ABOUT.has(key));
  const line = {
    level: level.toLowerCase(),
    logger: 'activity',
    message: String(message),
    temporal_activity: { activity_id: meta.activityId, attempt: meta.attempt },
    fields: Object.fromEntries(fields.map(([key, value]) => [key, plain(value)])),
  };
  process.stderr.write(`${JSON.stringify(line)}\n`);
}

/** A value as JSON has it, or as text where it has none. */
function plain(value) {
  try {
    const text = JSON.stringify(value, (_, each) => {
      if (typeof each === 'bigint') return String(each);
      return each instanceof Error ? each.stack || String(each) : each;
    });
    return JSON.parse(text ?? JSON.stringify(String(value)));
  } catch {
    return String(value);
  }
}

async function main(address, queue, ...modules) {
  register('./loader.mjs', { parentURL: import.meta.url, data: { packages } });
  // Where Prometheus would fetch what is measured; without it nothing is.
  const metrics = process.env.METRICS_ADDRESS && { prometheus: { bindAddress: process.env.METRICS_ADDRESS } };
  Runtime.install({ logger: new DefaultLogger('TRACE', write), telemetryOptions: { metrics: metrics || undefined } });
  const exported = await Promise.all(modules.map((module) => import(pathToFileURL(module).href)));
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    taskQueue: queue,
    activities: Object.assign({}, ...exported),
    maxHeartbeatThrottleInterval: process.env.HEARTBEAT_THROTTLE ?? '1 minute',
    shutdownGraceTime: `${process.env.SHUTDOWN_GRACE ?? 0}s`,
  });
  const running = worker.run();
  process.stdout.write('ready\n');
  await running;
  await connection.close();
}

await main(...process.argv.slice(2));
