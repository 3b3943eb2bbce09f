// Keys, and what is made with them. This runs in the sandbox and on Node: each checks what the other one has made.

import * as crypto from 'node:crypto';

const { subtle } = globalThis.crypto;
const DATA = Buffer.from('what is signed');
const CURVES = ['P-256', 'P-384', 'P-521'];
const RSA = [['RSASSA-PKCS1-v1_5', 'SHA-256'], ['RSA-PSS', 'SHA-384']];
const SALT = 20;

const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBdzCCAR2gAwIBAgIUIS4Ivs3doiMlCulfZS72qFLIZSkwCgYIKoZIzj0EAwIw
ETEPMA0GA1UEAwwGb3JkZXJzMB4XDTI2MTEyOTEzMDMzMloXDTM2MTEyNjEzMDMz
MlowETEPMA0GA1UEAwwGb3JkZXJzMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
zj79Piowz0JkGe9naloxSwFrpknTm9NxnYrf1i9KUgl9bcS4xCbi5OZed4RXevRD
/d1WcliRKGvJcIcrGLDRmaNTMFEwHQYDVR0OBBYEFCr/Bkn6+AaTTbNF5GaPg1Ng
cMT9MB8GA1UdIwQYMBaAFCr/Bkn6+AaTTbNF5GaPg1NgcMT9MA8GA1UdEwEB/wQF
MAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAPP7jKO3C1E+zVZ6R6NfTpW6VVQ+4nQp
3X0iWqURYuT+AiBj6fIbpVsfu4U/2xXBlPcHAbz+kzzTy5aUgESY2KZJRQ==
-----END CERTIFICATE-----
`;

const pem = (key) => key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' });
const base64 = (data) => Buffer.from(data).toString('base64');
const bytes = (text) => Buffer.from(text, 'base64');

/** Keys in their forms, and signatures and secret texts by them. Making a key of RSA takes long, so it may be given. */
export async function makeKeys(rsa) {
  const keys = { rsa: rsa ? crypto.createPrivateKey(rsa) : crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey };
  for (const namedCurve of CURVES) keys[namedCurve] = crypto.generateKeyPairSync('ec', { namedCurve }).privateKey;
  keys.Ed25519 = crypto.generateKeyPairSync('ed25519').privateKey;
  keys.X25519 = crypto.generateKeyPairSync('x25519').privateKey;
  return {
    keys: Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, formsOf(key)])),
    signatures: await signWith(keys),
    certified: pem(crypto.createPublicKey(CERTIFICATE)),
    sealed: base64(crypto.publicEncrypt({ key: crypto.createPublicKey(keys.rsa), oaepHash: 'sha256' }, DATA)),
  };
}

function formsOf(key) {
  const open = crypto.createPublicKey(key);
  const older = { rsa: 'pkcs1', ec: 'sec1' }[key.asymmetricKeyType];
  return {
    pem: pem(key),
    open: pem(open),
    older: older ? key.export({ type: older, format: 'pem' }) : null,
    jwk: key.export({ format: 'jwk' }),
    details: JSON.stringify(key.asymmetricKeyDetails, (_, value) => (typeof value === 'bigint' ? Number(value) : value)),
  };
}

async function signWith(keys) {
  const signatures = [];
  for (const [name, hash] of RSA) {
    const key = await subtle.importKey('pkcs8', keys.rsa.export({ type: 'pkcs8', format: 'der' }), { name, hash }, false, ['sign']);
    signatures.push({ key: 'rsa', name, hash, by: base64(await subtle.sign({ name, saltLength: SALT }, key, DATA)) });
  }
  for (const namedCurve of CURVES) {
    const key = await subtle.importKey('jwk', keys[namedCurve].export({ format: 'jwk' }), { name: 'ECDSA', namedCurve }, false, ['sign']);
    const by = await subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, DATA);
    signatures.push({ key: namedCurve, name: 'ECDSA', namedCurve, hash: 'SHA-256', by: base64(by) });
    signatures.push({ key: namedCurve, digest: 'sha384', by: crypto.createSign('sha384').update(DATA).sign(pem(keys[namedCurve]), 'base64') });
  }
  signatures.push({ key: 'rsa', digest: 'RSA-SHA512', by: base64(crypto.sign('RSA-SHA512', DATA, keys.rsa)) });
  signatures.push({ key: 'Ed25519', digest: null, by: base64(crypto.sign(null, DATA, keys.Ed25519)) });
  return signatures;
}

/** What is wrong with them, each with a name; nothing if all is right. */
export async function checkKeys({ keys, signatures, certified, sealed }) {
  const checks = Object.entries(keys).map(([name, forms]) => [`the forms of ${name}`, () => haveOneKey(forms)]);
  for (const signature of signatures) {
    checks.push([`${signature.name ?? signature.digest} by ${signature.key}`, () => isSigned(signature, keys[signature.key].open)]);
  }
  checks.push(['a certificate', () => pem(crypto.createPublicKey(CERTIFICATE)) === certified]);
  checks.push(['OAEP', () => crypto.privateDecrypt({ key: keys.rsa.pem, oaepHash: 'sha256' }, bytes(sealed)).equals(DATA)]);
  checks.push(['what two keys agree on', () => agree(keys.X25519)]);
  const wrong = [];
  for (const [name, check] of checks) {
    const isRight = await Promise.resolve().then(check).catch((error) => error.message);
    if (isRight !== true) wrong.push(`${name}: ${isRight}`);
  }
  return wrong;
}

function haveOneKey({ pem: whole, open, older, jwk, details }) {
  const all = [crypto.createPrivateKey(whole), crypto.createPrivateKey({ key: jwk, format: 'jwk' })];
  if (older) all.push(crypto.createPrivateKey(older));
  return all.every((key) => pem(key) === whole && pem(crypto.createPublicKey(key)) === open && formsOf(key).details === details);
}

async function isSigned({ name, hash, namedCurve, digest, by }, open) {
  const other = bytes(by).fill(1, 8, 9).fill(2, 9, 10);
  if (digest !== undefined) return crypto.verify(digest, DATA, open, bytes(by)) && !crypto.verify(digest, DATA, open, other);
  const der = crypto.createPublicKey(open).export({ type: 'spki', format: 'der' });
  const key = await subtle.importKey('spki', der, { name, hash, namedCurve }, true, ['verify']);
  const how = { name, hash, saltLength: SALT };
  return (await subtle.verify(how, key, bytes(by), DATA)) && !(await subtle.verify(how, key, other, DATA));
}

function agree({ pem: whole, open }) {
  const { privateKey, publicKey } = crypto.generateKeyPairSync('x25519');
  const ours = crypto.diffieHellman({ privateKey, publicKey: crypto.createPublicKey(open) });
  return ours.equals(crypto.diffieHellman({ privateKey: crypto.createPrivateKey(whole), publicKey }));
}
