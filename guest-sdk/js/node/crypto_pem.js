// Keys as PEM: base64 between two lines that say what it is.

import { host } from '../platform/host.js';
import { Buffer } from './buffer.js';

const FORMS = {
  'PUBLIC KEY': 'spki',
  'PRIVATE KEY': 'pkcs8',
  'RSA PUBLIC KEY': 'pkcs1-public',
  'RSA PRIVATE KEY': 'pkcs1-private',
  'EC PRIVATE KEY': 'sec1',
  CERTIFICATE: 'certificate',
};

const PEM = /-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/g;

export const isPem = (text) => text.includes('-----BEGIN ');

/** The first key in a text; of a certificate, the one that is in it. */
export function fromPem(text) {
  const blocks = [...text.matchAll(PEM)].map(([, label, body]) => ({ label, body }));
  const found = blocks.find(({ label }) => FORMS[label]);
  if (!found) throw new Error(whyNot(blocks[0]?.label));
  if (found.body.includes('ENCRYPTED')) throw new Error(ENCRYPTED);
  return host.readKey(FORMS[found.label], Buffer.from(found.body, 'base64'));
}

const ENCRYPTED = 'private keys that are encrypted can not be read in the sandbox: decrypt it before, as with openssl pkcs8';

function whyNot(label) {
  if (label === 'ENCRYPTED PRIVATE KEY') return ENCRYPTED;
  return label ? `there are no keys in a block of the kind ${label}` : 'there is no whole block in it';
}

const LABELS = { spki: 'PUBLIC KEY', pkcs8: 'PRIVATE KEY', sec1: 'EC PRIVATE KEY' };

export function toPem(der, type, isPrivate) {
  const label = LABELS[type] ?? `RSA ${isPrivate ? 'PRIVATE' : 'PUBLIC'} KEY`;
  const lines = Buffer.from(der).toString('base64').match(/.{1,64}/g);
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
