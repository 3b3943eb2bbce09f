// TextEncoderStream and TextDecoderStream.

import { TextDecoder, encode } from './encoding.js';
import { define } from './globals.js';
import { TransformStream } from './streams.js';

// A pair of streams with a name, as the standard's classes are.
class Pair {
  #stream;

  constructor(transformer) {
    this.#stream = new TransformStream(transformer);
  }

  get readable() {
    return this.#stream.readable;
  }

  get writable() {
    return this.#stream.writable;
  }
}

export class TextEncoderStream extends Pair {
  constructor() {
    // The first half of a character, whose second half may come with the next chunk.
    let half = '';
    super({
      transform(chunk, controller) {
        const text = half + chunk;
        half = /[\ud800-\udbff]$/.test(text) ? text.slice(-1) : '';
        const whole = half === '' ? text : text.slice(0, -1);
        if (whole !== '') controller.enqueue(encode(whole));
      },
      flush(controller) {
        if (half !== '') controller.enqueue(encode(half));
      },
    });
  }

  get encoding() {
    return 'utf-8';
  }
}

export class TextDecoderStream extends Pair {
  #decoder;

  constructor(label, options) {
    const decoder = new TextDecoder(label, options);
    const pass = (text, controller) => {
      if (text !== '') controller.enqueue(text);
    };
    super({
      transform: (chunk, controller) => {
        if (chunk === undefined) throw new TypeError('The chunk is no BufferSource');
        pass(decoder.decode(chunk, { stream: true }), controller);
      },
      flush: (controller) => pass(decoder.decode(), controller),
    });
    this.#decoder = decoder;
  }

  get encoding() {
    return this.#decoder.encoding;
  }

  get fatal() {
    return this.#decoder.fatal;
  }

  get ignoreBOM() {
    return this.#decoder.ignoreBOM;
  }
}

export { Pair };

define({ TextEncoderStream, TextDecoderStream });
