// The official TypeScript worker with one asynchronous activity: ADDRESS NAMESPACE TASK_QUEUE SLOTS POLLERS.

import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';

const [address, namespace, taskQueue, slots, pollers] = process.argv.slice(1);

async function greet(name) {
  return `Hello, ${name}!`;
}

Runtime.install({ logger: new DefaultLogger('ERROR') });
const connection = await NativeConnection.connect({ address });
const worker = await Worker.create({
  connection,
  namespace,
  taskQueue,
  activities: { greet },
  maxConcurrentActivityTaskExecutions: Number(slots),
  maxConcurrentActivityTaskPolls: Number(pollers),
});
await worker.run();
