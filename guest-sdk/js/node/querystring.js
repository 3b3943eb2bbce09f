// node:querystring.

export function escape(text) {
  return encodeURIComponent(String(text).toWellFormed());
}

export function unescape(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(/%[0-9a-f]{2}/gi, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)));
  }
}

const primitive = (value) => {
  const isShown = typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint' || Number.isFinite(value);
  return isShown ? String(value) : '';
};

export function stringify(object, separator = '&', equals = '=', options = {}) {
  if (object === null || typeof object !== 'object') return '';
  const encode = options?.encodeURIComponent ?? escape;
  const pair = (name, value) => `${encode(primitive(name))}${equals ?? '='}${encode(primitive(value))}`;
  return Object.entries(object)
    .flatMap(([name, value]) => (Array.isArray(value) ? value.map((each) => pair(name, each)) : [pair(name, value)]))
    .join(separator ?? '&');
}

const MOST_KEYS = 1000;

export function parse(text, separator = '&', equals = '=', options = {}) {
  const values = Object.create(null);
  if (typeof text !== 'string' || text === '') return values;
  const decode = options?.decodeURIComponent ?? unescape;
  const most = options?.maxKeys ?? MOST_KEYS;
  const parts = text.split(separator ?? '&').filter((part) => part !== '');
  for (const part of most > 0 ? parts.slice(0, most) : parts) {
    const [name, ...rest] = part.replaceAll('+', ' ').split(equals ?? '=');
    const key = decode(name);
    const value = decode(rest.join(equals ?? '='));
    if (!(key in values)) values[key] = value;
    else if (Array.isArray(values[key])) values[key].push(value);
    else values[key] = [values[key], value];
  }
  return values;
}

export { parse as decode, stringify as encode };

export default { decode: parse, encode: stringify, escape, parse, stringify, unescape };
