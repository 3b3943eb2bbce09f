// Whether Temporal's client is to come along: it is large, and most projects have no use for it.

import { readFile } from 'node:fs/promises';
import path from 'node:path';

const TEMPORAL = /[\\/]node_modules[\\/]@temporalio[\\/]/;
const CLIENT = /[\\/]node_modules[\\/]@temporalio[\\/]client[\\/]/;

// `getClient`, or a property `client`, also one that is taken out of an object.
const ASKS = /\bgetClient\b|\.\s*client\b|[{,]\s*client\s*[,:}=]/;

/** Whether a file of the bundle imports the client, or one that speaks of Temporal's packages asks a context for it. */
export async function usesClient({ inputs }, { sdk, root }) {
  // Those that are no files have a namespace.
  const files = Object.keys(inputs).filter((name) => !name.includes(':')).map((name) => path.resolve(root, name));
  if (files.some((file) => CLIENT.test(file))) return true;
  const others = files.filter((file) => !file.startsWith(sdk + path.sep) && !TEMPORAL.test(file));
  const texts = await Promise.all(others.map((file) => readFile(file, 'utf8')));
  return texts.some((text) => text.includes('@temporalio/') && ASKS.test(text));
}
