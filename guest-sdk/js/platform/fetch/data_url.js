// `data:` URLs, as the Fetch standard reads them.

import { decode, encode } from '../encoding.js';

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const TYPE = new RegExp(`^\\s*(${TOKEN}/${TOKEN})\\s*((?:;.*)?)$`);
const NAME = new RegExp(`^${TOKEN}$`);
// A value: in quotes, in which a backslash stands before what is meant, or up to the next semicolon.
const PARAMETER = /;\s*([^;=]*)(?:=("(?:[^"\\]|\\.)*"?[^;]*|[^;]*))?/gs;
const QUOTED = /^"((?:[^"\\]|\\.)*)"?/s;
const BASE64 = /; *base64$/i;

/** What one holds: its bytes and their type. Throws if it is none. */
export function readDataUrl(url) {
  const text = url.href.slice('data:'.length).replace(/#.*$/s, '');
  const comma = text.indexOf(',');
  if (comma === -1) throw new Error('a data: URL without a comma');
  const told = text.slice(0, comma).trim();
  const bytes = percentDecoded(text.slice(comma + 1));
  const isBase64 = BASE64.test(told);
  return {
    type: typeOf(told.replace(BASE64, '')),
    bytes: isBase64 ? Uint8Array.fromBase64(decode(bytes)) : bytes,
  };
}

function typeOf(told) {
  const [, essence, rest] = TYPE.exec(told.startsWith(';') ? `text/plain${told}` : told) ?? [];
  if (!essence) return 'text/plain;charset=US-ASCII';
  const parameters = new Map();
  for (const [, name, given] of rest.matchAll(PARAMETER)) {
    const quoted = QUOTED.exec(given ?? '')?.[1].replace(/\\(.)/gs, '$1');
    const value = quoted ?? given?.trimEnd();
    const key = name.toLowerCase();
    const isRight = NAME.test(key) && value !== undefined && (quoted !== undefined || value !== '') && !/[^\t\x20-\x7e\x80-\xff]/.test(value);
    if (isRight && !parameters.has(key)) parameters.set(key, value);
  }
  const shown = (value) => (NAME.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`);
  return essence.toLowerCase() + [...parameters].map(([name, value]) => `;${name}=${shown(value)}`).join('');
}

function percentDecoded(text) {
  const bytes = encode(text);
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1, length += 1) {
    const code = bytes[at] === 0x25 ? decode(bytes.subarray(at + 1, at + 3)) : '';
    const isEscape = /^[0-9a-f]{2}$/i.test(code);
    bytes[length] = isEscape ? Number.parseInt(code, 16) : bytes[at];
    if (isEscape) at += 2;
  }
  return bytes.subarray(0, length);
}
