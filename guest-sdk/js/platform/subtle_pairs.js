// Key pairs of crypto.subtle: RSA, ECDSA, ECDH, Ed25519 and X25519.

import { host } from './host.js';
import { fromJwk, rsaDetails, toJwk } from './key_pairs.js';

/** What keys are for, by the names of algorithms, and how they sign. */
const ALGORITHMS = {
  'RSASSA-PKCS1-v1_5': { forPrivate: ['sign'], forPublic: ['verify'], scheme: 'pkcs1', jwa: 'RS' },
  'RSA-PSS': { forPrivate: ['sign'], forPublic: ['verify'], scheme: 'pss', jwa: 'PS' },
  'RSA-OAEP': { forPrivate: ['decrypt', 'unwrapKey'], forPublic: ['encrypt', 'wrapKey'] },
  ECDSA: { forPrivate: ['sign'], forPublic: ['verify'], scheme: 'ecdsa' },
  ECDH: { forPrivate: ['deriveKey', 'deriveBits'], forPublic: [] },
  Ed25519: { forPrivate: ['sign'], forPublic: ['verify'], scheme: 'eddsa' },
  X25519: { forPrivate: ['deriveKey', 'deriveBits'], forPublic: [] },
};

export const isPaired = (name) => Object.hasOwn(ALGORITHMS, name);

export const canonical = (name) => Object.keys(ALGORITHMS).find((each) => each.toUpperCase() === name.toUpperCase()) ?? name.toUpperCase();

const fail = (name, message) => {
  throw new DOMException(message, name);
};

const isRsa = (name) => name.startsWith('RSA');
const isCurve = (name) => name.startsWith('EC');

/** What a key is refused for: its data. */
const reading = (work) => {
  try {
    return work();
  } catch (error) {
    return fail('DataError', `Invalid keyData: ${error.message}`);
  }
};

/** Asks the host, whose refusal says no more than that. */
const operating = (work) => {
  try {
    return work();
  } catch (error) {
    return fail('OperationError', `The operation failed: ${error.message}`);
  }
};

function checkUsages(name, isPrivate, usages) {
  const { forPrivate, forPublic } = ALGORITHMS[name];
  const allowed = isPrivate ? forPrivate : forPublic;
  const wrong = usages.find((usage) => !allowed.includes(usage));
  if (wrong) fail('SyntaxError', `Unsupported key usage for a ${name} key`);
  if (isPrivate && usages.length === 0) fail('SyntaxError', 'Usages cannot be empty when importing a private key.');
}

const curveOf = ({ name, namedCurve }) => (isCurve(name) ? namedCurve : name);

/** What `algorithm` of a key is. */
function describe({ name, hash, namedCurve }, pair) {
  if (isCurve(name)) return { name, namedCurve };
  return isRsa(name) ? { name, ...rsaDetails(pair), hash } : { name };
}

/** The key, and what `CryptoKey` tells of it. `algorithm.hash` is `{ name }` by now. */
export function importPair(format, data, algorithm, usages) {
  if (isRsa(algorithm.name) && !algorithm.hash) throw new TypeError('A key of RSA is imported with a hash');
  const pair = reading(() => {
    if (format === 'jwk') return fromJwk(data);
    if (format === 'raw') return host.readPoint(String(curveOf(algorithm)), data);
    return host.readKey(format, data);
  });
  const wanted = isRsa(algorithm.name) ? 'rsa' : curveOf(algorithm);
  if (pair.kind !== wanted) fail('DataError', `Invalid key type: it is ${pair.kind}, not ${wanted}`);
  checkUsages(algorithm.name, pair.isPrivate, usages);
  return { pair, algorithm: describe(algorithm, pair) };
}

export function exportPair(format, pair, { name, hash }, usages) {
  const isRight = { spki: !pair.isPrivate, pkcs8: pair.isPrivate, raw: !pair.isPrivate && pair.kind !== 'rsa', jwk: true };
  if (!isRight[format]) fail('InvalidAccessError', `The key can't be exported as ${format}`);
  if (format === 'raw') return host.writeKey('point', pair.der, false);
  if (format !== 'jwk') return pair.der;
  const bits = hash?.name.slice('SHA-'.length);
  const oaep = bits === '1' ? 'RSA-OAEP' : `RSA-OAEP-${bits}`;
  return { ...toJwk(pair), ...(hash && { alg: name === 'RSA-OAEP' ? oaep : ALGORITHMS[name].jwa + bits }), key_ops: [...usages], ext: true };
}

/** A new pair: each with its usages. */
export function generatePair(algorithm, usages) {
  const { name, modulusLength = 0, publicExponent = [] } = algorithm;
  const { forPrivate, forPublic } = ALGORITHMS[name];
  const own = (allowed) => usages.filter((usage) => allowed.includes(usage));
  if (usages.some((usage) => ![...forPrivate, ...forPublic].includes(usage))) fail('SyntaxError', `Unsupported key usage for a ${name} key`);
  if (own(forPrivate).length === 0) fail('SyntaxError', 'Usages cannot be empty when creating a key.');
  const exponent = publicExponent.reduce((number, byte) => number * 256 + byte, 0);
  const pair = operating(() => host.generateKey(isRsa(name) ? 'rsa' : String(curveOf(algorithm)), modulusLength, exponent));
  const other = host.publicKey(pair.der);
  return {
    private: { pair, algorithm: describe(algorithm, pair), usages: own(forPrivate) },
    public: { pair: other, algorithm: describe(algorithm, other), usages: own(forPublic) },
  };
}

const schemeOf = (algorithm, key, hashName) => ({
  name: ALGORITHMS[algorithm.name].scheme,
  hash: hashName(algorithm.name === 'ECDSA' ? algorithm.hash : key.algorithm.hash),
  salt: algorithm.saltLength,
});

export const signByPair = (algorithm, key, pair, data, hashName) =>
  operating(() => host.signByKey(pair.der, schemeOf(algorithm, key, hashName), data));

export const verifyByPair = (algorithm, key, pair, [data, signature], hashName) =>
  operating(() => host.verifyByKey(pair.der, schemeOf(algorithm, key, hashName), data, signature));

export const encryptByPair = (pair, hash, label, data) => operating(() => host.encryptByKey(pair.der, hash, label, data));
export const decryptByPair = (pair, hash, label, data) => operating(() => host.decryptByKey(pair.der, hash, label, data));

/** What two keys have in common: so many bits of it, or all. */
export function agreeByPair(pair, other, bits) {
  const shared = operating(() => host.agree(pair.der, other.der));
  if (bits === null || bits === undefined) return shared;
  if (bits > shared.length * 8) fail('OperationError', 'The length is more than the two keys agree on');
  const bytes = shared.slice(0, Math.ceil(bits / 8));
  if (bits % 8 !== 0) bytes[bytes.length - 1] &= 0xff << (8 - (bits % 8));
  return bytes;
}
