// FormData as `multipart/form-data`, and back.

import { decode, encode } from '../encoding.js';
import { join } from '../streams.js';
import { File, bytesOfBlob } from './blob.js';
import { FormData } from './form_data.js';
import { randomBytes } from '../random.js';

const withWholeLines = (text) => text.replace(/\r\n?|\n/g, '\r\n');
const quote = (text) => text.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22');

/** The bytes and the type of a form. */
export function write(form) {
  const boundary = `----isolet-${randomBytes(16).toHex()}`;
  const pieces = [];
  for (const [name, value] of form) {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${quote(withWholeLines(name))}"`;
    if (value instanceof File) {
      const type = value.type || 'application/octet-stream';
      pieces.push(encode(`${head}; filename="${quote(value.name)}"\r\nContent-Type: ${type}\r\n\r\n`), bytesOfBlob(value), encode('\r\n'));
    } else {
      pieces.push(encode(`${head}\r\n\r\n${withWholeLines(value)}\r\n`));
    }
  }
  pieces.push(encode(`--${boundary}--\r\n`));
  return { bytes: join(pieces), type: `multipart/form-data; boundary=${boundary}` };
}

const find = (bytes, wanted, from) => {
  for (let at = bytes.indexOf(wanted[0], from); at !== -1; at = bytes.indexOf(wanted[0], at + 1)) {
    if (wanted.every((byte, place) => bytes[at + place] === byte)) return at;
  }
  return -1;
};

const parameter = (head, name) => new RegExp(`[;\\s]${name}="([^"]*)"`, 'i').exec(head)?.[1]?.replaceAll('%22', '"').replaceAll('%0D', '\r').replaceAll('%0A', '\n');

/** The form that some bytes of such a type are. */
export function read(bytes, type) {
  const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(type);
  if (!boundary) throw new TypeError('Failed to parse body as FormData.');
  const mark = encode(`\r\n--${boundary[1] ?? boundary[2]}`);
  // So that the first mark is like all others.
  const body = join([encode('\r\n'), bytes]);
  const form = new FormData();
  let at = find(body, mark, 0);
  while (at !== -1) {
    const from = at + mark.length;
    const to = find(body, mark, from);
    if (to === -1) break;
    add(form, body.subarray(from + 2, to));
    at = to;
  }
  return form;
}

function add(form, part) {
  const end = find(part, encode('\r\n\r\n'), 0);
  if (end === -1) throw new TypeError('Failed to parse body as FormData.');
  const head = decode(part.subarray(0, end));
  const content = part.subarray(end + 4);
  const filename = parameter(head, 'filename');
  const type = /content-type:\s*([^\r\n]+)/i.exec(head)?.[1] ?? 'text/plain';
  form.append(parameter(head, 'name') ?? '', filename === undefined ? decode(content) : new File([content], filename, { type }));
}
