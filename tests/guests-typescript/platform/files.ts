// Files: of a directory that is granted, of one that can't be written to, and of the attempt's own memory.

import * as fs from 'node:fs';
import { mkdtemp, open, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';

const seenAtBuild = attempt(() => fs.readFileSync('/data/order'));

function attempt(work: () => unknown): unknown {
  try {
    return work() ?? null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Works in a folder as activities do. */
export async function work(folder: string): Promise<unknown> {
  const at = (name: string) => join(folder, name);
  fs.mkdirSync(at('orders/new'), { recursive: true });
  await pipeline(['first\n', 'second\n'], fs.createWriteStream(at('orders/lines')));
  fs.appendFileSync(at('orders/lines'), 'third\n');
  fs.copyFileSync(at('orders/lines'), at('orders/new/copy'));
  const file = await open(at('orders/lines'), 'r+');
  await file.write('FIRST', 0);
  await file.close();
  const lines = await Array.fromAsync(createInterface({ input: fs.createReadStream(at('orders/lines')) }));
  const length = await new Promise((resolve, reject) => {
    fs.stat(at('orders/new/copy'), (error, stat) => (error ? reject(error) : resolve(stat.size)));
  });
  const posted = await new Response(fs.createReadStream(at('orders/lines'), { start: 6, end: 11 }) as never).text();
  fs.renameSync(at('orders/new'), at('orders/old'));
  const listed = (await readdir(folder, { recursive: true })).sort();
  fs.rmSync(at('orders'), { recursive: true });
  return { lines, length, posted, listed, left: fs.existsSync(at('orders')) };
}

/** What is refused, each with its reason. */
export async function refused(folder: string): Promise<unknown> {
  const at = (name: string) => join(folder, name);
  return {
    build: seenAtBuild,
    missing: attempt(() => fs.readFileSync(at('none'))),
    folder: attempt(() => fs.readFileSync(folder)),
    made: attempt(() => fs.writeFileSync(at('made'), '')),
    above: attempt(() => fs.readFileSync(at('../etc/hostname'))),
    link: attempt(() => fs.readFileSync(at('outside'))),
    fifo: attempt(() => fs.readFileSync(at('fifo'))),
    root: attempt(() => fs.writeFileSync('/made', '')),
    moved: attempt(() => fs.renameSync(at('order'), '/tmp/order')),
    mode: attempt(() => fs.chmodSync(at('order'), 0o600)),
    large: attempt(() => fs.readFileSync(at('large')).length),
    endless: attempt(() => fs.openSync('/dev/zero', 'r')),
    many: attempt(() => Array.from({ length: 2000 }, () => fs.openSync(at('order'), 'r')).length),
  };
}

/** The same in memory. */
export async function inMemory(): Promise<unknown> {
  return work(await mkdtemp(join(tmpdir(), 'orders-')));
}
