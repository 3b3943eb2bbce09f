// What is asked for too much, or in a wrong way, and what is said of that.

import crypto from 'node:crypto';
import fs from 'node:fs';
import readline from 'node:readline';

async function refusal(work: () => unknown): Promise<string> {
  try {
    return `none: ${await work()}`;
  } catch (error) {
    const { name, code } = error as Error & { code?: string };
    return code ? `${name} ${code}` : name;
  }
}

export async function refusals(pssKey: string): Promise<string[]> {
  const rsa = crypto.generateKeyPairSync('rsa', { modulusLength: 1024 });
  const spki = rsa.publicKey.export({ type: 'spki', format: 'der' });
  const { privateKey } = crypto.generateKeyPairSync('ed25519');
  const pss = { key: rsa.privateKey, padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 4e9 };
  return await Promise.all([
    // More salt than there is memory.
    refusal(() => crypto.sign('sha256', Buffer.from('data'), pss)),
    refusal(() => crypto.verify('sha256', Buffer.from('data'), { ...pss, key: rsa.publicKey }, Buffer.alloc(128))),
    refusal(() => crypto.randomBytes(2 ** 31)),
    refusal(() => crypto.createPublicKey(pssKey)),
    refusal(() => crypto.sign('sha256', Buffer.from('data'), privateKey)),
    refusal(() => crypto.subtle.importKey('spki', spki, 'RSA-PSS' as never, true, ['verify'])),
    refusal(() => crypto.subtle.importKey('raw', new Uint8Array(), { name: 'HMAC', hash: 'SHA-256' }, true, ['sign'])),
    refusal(() => fs.readFileSync(new URL('file://elsewhere/tmp/file'))),
    refusal(() => fs.readFileSync(new URL('file:///tmp%2ffile'))),
  ]);
}

/** Makes files of nothing until there is no memory for one more. */
export async function fills(): Promise<string> {
  return await refusal(() => {
    for (let number = 0; ; number++) fs.writeFileSync(`/tmp/${number}`, '');
  });
}

export async function throws_what_throws(): Promise<void> {
  throw new Proxy(new Error('looked at'), {
    get() {
      throw new Error('not to be looked at');
    },
  });
}

export async function reads_standard_input(): Promise<number> {
  let lines = 0;
  for await (const _ of readline.createInterface({ input: process.stdin })) lines++;
  return lines;
}
