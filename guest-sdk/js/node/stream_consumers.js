// node:stream/consumers: all of a stream at once.

import { Buffer } from './buffer.js';

export async function buffer(stream) {
  const pieces = [];
  for await (const piece of stream) pieces.push(typeof piece === 'string' ? Buffer.from(piece) : Buffer.from(piece));
  return Buffer.concat(pieces);
}

export const arrayBuffer = async (stream) => {
  const { buffer: memory, byteOffset, byteLength } = await buffer(stream);
  return memory.slice(byteOffset, byteOffset + byteLength);
};

export const blob = async (stream) => new Blob([await buffer(stream)]);
export const text = async (stream) => (await buffer(stream)).toString();
export const json = async (stream) => JSON.parse(await text(stream));

export default { arrayBuffer, blob, buffer, json, text };
