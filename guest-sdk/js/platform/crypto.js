// `crypto`.

import { define } from './globals.js';
import { getRandomValues, randomUUID } from './random.js';
import { subtle } from './subtle.js';

class Crypto {
  get subtle() {
    return subtle;
  }

  getRandomValues(array) {
    return getRandomValues(array);
  }

  randomUUID() {
    return randomUUID();
  }

  get [Symbol.toStringTag]() {
    return 'Crypto';
  }
}

export const crypto = new Crypto();

define({ Crypto, crypto });
