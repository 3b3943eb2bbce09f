// Keys that come in pairs, for crypto.subtle and node:crypto. A key is what the host makes of it: its kind (`rsa` or the
// name of a curve), whether it is private, and its standard encoding.

import { host } from './host.js';

const TYPES = { rsa: 'RSA', 'P-256': 'EC', 'P-384': 'EC', 'P-521': 'EC', Ed25519: 'OKP', X25519: 'OKP' };
const PARTS = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi', 'x', 'y'];

const encoded = (bytes) => bytes.toBase64({ alphabet: 'base64url', omitPadding: true });
const decoded = (text) => Uint8Array.fromBase64(text, { alphabet: 'base64url' });

/** A key from a JSON Web Key. */
export function fromJwk(jwk) {
  const kind = jwk.kty === 'RSA' ? 'rsa' : jwk.crv;
  if (TYPES[kind] !== jwk.kty) throw new Error(`there are no keys of the kind ${jwk.kty}${jwk.crv ? ` with the curve ${jwk.crv}` : ''}`);
  const given = PARTS.filter((name) => typeof jwk[name] === 'string');
  const key = host.makeKey(kind, Object.fromEntries(given.map((name) => [name, decoded(jwk[name])])));
  // The public part of a private key follows from the private one.
  const isTrue = !key.isPrivate || ['x', 'y'].every((name) => jwk[name] === undefined || jwk[name] === toJwk(key)[name]);
  if (!isTrue) throw new Error('the public part is not that of the private key');
  return key;
}

/** A key as a JSON Web Key. */
export function toJwk({ kind, isPrivate, der }) {
  const parts = Object.entries(host.keyParts(der, isPrivate)).map(([name, bytes]) => [name, encoded(bytes)]);
  return { kty: TYPES[kind], ...(kind !== 'rsa' && { crv: kind }), ...Object.fromEntries(parts) };
}

/** How long the modulus of a key of RSA is, in bits, and its exponent as bytes. */
export function rsaDetails({ der, isPrivate }) {
  const { n, e } = host.keyParts(der, isPrivate);
  return { modulusLength: n.length * 8 - Math.clz32(n[0]) + 24, publicExponent: e };
}
