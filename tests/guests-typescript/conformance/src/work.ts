// Using time, memory and the system.

import { sleep } from '@temporalio/activity';

export async function sleep_ms(ms: number): Promise<number> {
  await sleep(ms);
  return ms;
}

export async function cpu_ms(ms: number): Promise<number> {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return ms;
}

export async function spin(): Promise<void> {
  for (;;);
}

export async function allocate(mib: number): Promise<number> {
  return new Uint8Array(mib << 20).fill(1).length;
}

export async function clock(): Promise<number> {
  return Date.now();
}

export async function random(): Promise<string> {
  return Math.random().toString(16).slice(2);
}

export async function environment(): Promise<string[]> {
  return Object.keys(process.env);
}
