// Keys derived from other keys, on the host's HMAC.

import { host } from './host.js';
import { join } from './streams.js';

/** PBKDF2 of RFC 8018. */
export function pbkdf2Of(name, password, salt, iterations, length) {
  const blocks = [];
  for (let made = 0; made < length; made += blocks.at(-1).length) {
    const number = new Uint8Array(4);
    new DataView(number.buffer).setUint32(0, blocks.length + 1);
    let turn = host.hmac(name, password, join([salt, number]));
    const block = turn.slice();
    for (let count = 1; count < iterations; count += 1) {
      turn = host.hmac(name, password, turn);
      for (let place = 0; place < block.length; place += 1) block[place] ^= turn[place];
    }
    blocks.push(block);
  }
  return join(blocks).slice(0, length);
}

/** HKDF of RFC 5869. */
export function hkdfOf(name, key, salt, info, length) {
  const size = host.digest(name, new Uint8Array()).length;
  const secret = host.hmac(name, salt.length > 0 ? salt : new Uint8Array(size), key);
  const blocks = [];
  let last = new Uint8Array();
  for (let number = 1; blocks.length * size < length; number += 1) {
    last = host.hmac(name, secret, join([last, info, Uint8Array.of(number)]));
    blocks.push(last);
  }
  return join(blocks).slice(0, length);
}
