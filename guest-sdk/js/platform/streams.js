// The web's streams, of the package web-streams-polyfill.

// Before the package takes `then` for itself.
import './context.js';

import * as streams from 'web-streams-polyfill';
import { define } from './globals.js';
import { inspect } from './inspect.js';

export const {
  ByteLengthQueuingStrategy,
  CountQueuingStrategy,
  ReadableByteStreamController,
  ReadableStream,
  ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest,
  ReadableStreamDefaultController,
  ReadableStreamDefaultReader,
  TransformStream,
  TransformStreamDefaultController,
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
} = streams;

/** Whether somebody has read from a stream, or has claimed it. */
export function isTouched(stream) {
  return stream.locked || stream._disturbed;
}

/** All bytes of a stream. */
export async function readAll(stream) {
  const pieces = [];
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return join(pieces);
    if (!(value instanceof Uint8Array)) throw new TypeError('Received non-Uint8Array chunk');
    pieces.push(value);
  }
}

/** Bytes one after another. */
export function join(pieces) {
  if (pieces.length === 1) return pieces[0];
  const joined = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

// What is inside of the package's is of no interest.
for (const type of [ReadableStream, TransformStream, WritableStream]) {
  Object.defineProperty(type.prototype, inspect.custom, {
    value() {
      return 'locked' in this ? `${type.name} { locked: ${this.locked}, state: '${this._state}' }` : `${type.name} {}`;
    },
    configurable: true,
  });
}

define(streams);
