// Packages that sign.

import { EncryptJWT, SignJWT, exportJWK, generateKeyPair, importJWK, jwtDecrypt, jwtVerify } from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import { generateKeyPairSync } from 'node:crypto';

const secret = new TextEncoder().encode('a secret that has thirty-two byt');

export async function uses_jose(): Promise<unknown> {
  const token = await new SignJWT({ name: 'Ada' }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('1h').sign(secret);
  const forged = await jwtVerify(`${token.slice(0, -2)}AA`, secret).catch((error) => error.code);
  const hidden = await new EncryptJWT({ name: 'Ada' }).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(secret);
  const signed: Record<string, unknown> = {};
  for (const alg of ['RS256', 'PS256', 'ES256', 'EdDSA']) {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    const again = await importJWK(await exportJWK(publicKey), alg);
    const token = await new SignJWT({ alg }).setProtectedHeader({ alg }).sign(privateKey);
    signed[alg] = (await jwtVerify(token, again)).payload['alg'];
  }
  return [(await jwtVerify(token, secret)).payload['name'], forged, (await jwtDecrypt(hidden, secret)).payload['name'], signed];
}

export function uses_jsonwebtoken(): unknown {
  const verified: Record<string, unknown> = {};
  const keys = {
    HS256: { privateKey: 'secret', publicKey: 'secret' },
    RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  };
  for (const [algorithm, { privateKey, publicKey }] of Object.entries(keys) as any) {
    const token = jsonwebtoken.sign({ name: 'Ada' }, privateKey, { algorithm, expiresIn: '1h' });
    verified[algorithm] = (jsonwebtoken.verify(token, publicKey, { algorithms: [algorithm] }) as any).name;
  }
  const old = jsonwebtoken.sign({ exp: 1 }, 'secret');
  try {
    jsonwebtoken.verify(old, 'secret');
  } catch (error) {
    return [verified, (error as Error).name];
  }
  return verified;
}
