// Requests to a server of the tests, whose origin is the first argument.

import { cancellationSignal, log } from '@temporalio/activity';

type Way = (origin: string) => Promise<unknown>;

/** What everybody sees of an answer. */
async function answered(response: Response): Promise<unknown> {
  const { status, statusText, ok, redirected, type, url } = response;
  return { status, statusText, ok, redirected, type, path: new URL(url).pathname, text: await response.text() };
}

const get = async (url: string, init?: RequestInit) => answered(await fetch(url, init));

/** What the server says that it was sent, without what each client sends of its own. */
async function echoed(url: string, init: RequestInit & { duplex?: 'half' }): Promise<unknown> {
  const [line, headers, size] = (await (await fetch(url, init)).text()).split(' | ');
  const ours = headers!.split(', ').filter((header) => /^(x-|content-|accept:|authorization|cookie|transfer)/.test(header));
  // What stands between the parts of a form is as long as its client likes.
  const isForm = headers!.includes('boundary=');
  const told = ours.filter((header) => !isForm || !header.startsWith('content-length')).map((header) => header.replace(/(boundary=).*/, '$1'));
  return { line, headers: told.sort(), size: isForm ? undefined : Number(size) };
}

const streamed = (pieces: string[]) =>
  new ReadableStream({
    async start(controller) {
      for (const piece of pieces) {
        await Promise.resolve();
        controller.enqueue(new TextEncoder().encode(piece));
      }
      controller.close();
    },
  });

const post = (body: BodyInit, more: RequestInit = {}): RequestInit => ({ method: 'POST', body, ...more });

const form = () => {
  const data = new FormData();
  data.append('name', 'Ada');
  data.append('file', new Blob(['content'], { type: 'text/plain' }), 'a "b".txt');
  return data;
};

async function inPieces(response: Response): Promise<number> {
  let size = 0;
  for await (const piece of response.body!) size += piece.length;
  return size;
}

/** How it is when it is aborted once the answer has begun. */
async function abortedBetween(origin: string, reason?: unknown): Promise<unknown> {
  const controller = new AbortController();
  const response = await fetch(`${origin}/drip`, { signal: controller.signal });
  const reading = response.text();
  controller.abort(reason);
  return reading;
}

const WAYS: Record<string, Way> = {
  text: (origin) => get(`${origin}/hello`),
  json: async (origin) => (await fetch(`${origin}/give/${encodeURIComponent('{"a": [1, null]}')}`)).json(),
  'no json': async (origin) => (await fetch(`${origin}/hello`)).json(),
  bytes: async (origin) => [...new Uint8Array(await (await fetch(`${origin}/hello`)).arrayBuffer())],
  blob: async (origin) => {
    const blob = await (await fetch(`${origin}/give/{}`)).blob();
    return { size: blob.size, type: blob.type };
  },
  head: (origin) => get(`${origin}/hello`, { method: 'HEAD' }),
  missing: (origin) => get(`${origin}/missing`),
  'no content': (origin) => get(`${origin}/status/204`),
  'not modified': (origin) => get(`${origin}/status/304`),
  'server error': (origin) => get(`${origin}/status/503`),
  'odd status': (origin) => get(`${origin}/status/299`),
  redirected: (origin) => get(`${origin}/redirect`),
  'redirected after a POST': (origin) => echoed(`${origin}/moved/302`, post('a body')),
  'redirected to GET': (origin) => echoed(`${origin}/moved/303`, { method: 'PUT', body: 'a body' }),
  'redirected with its body': (origin) => echoed(`${origin}/moved/307`, post('a body')),
  'redirected for good with its body': (origin) => echoed(`${origin}/moved/308`, post('a body')),
  'redirected with a stream': (origin) => echoed(`${origin}/moved/307`, { ...post(streamed(['a', 'b'])), duplex: 'half' }),
  'redirect that is not followed': (origin) => get(`${origin}/redirect`, { redirect: 'manual' }),
  'redirect that must not be': (origin) => get(`${origin}/redirect`, { redirect: 'error' }),
  'redirect without an end': (origin) => get(`${origin}/moved-again`),
  'redirect to nowhere': (origin) => get(`${origin}/moved-nowhere`),
  'redirect with secrets': (origin) => echoed(`${origin}/moved/307`, { headers: { authorization: 'Bearer x', cookie: 'a=b' } }),
  'answer in pieces': async (origin) => inPieces(await fetch(`${origin}/chunks/300`)),
  'large answer': async (origin) => (await (await fetch(`${origin}/size/3000000`)).text()).length,
  'answer that is given up': async (origin) => {
    const reader = (await fetch(`${origin}/chunks/300`)).body!.getReader();
    const { done, value } = await reader.read();
    await reader.cancel('enough');
    return [done, value!.length > 0, (await reader.read()).done];
  },
  'text as body': (origin) => echoed(`${origin}/echo`, post('grüße')),
  'bytes as body': (origin) => echoed(`${origin}/echo`, post(new Uint8Array([1, 2, 3]))),
  'blob as body': (origin) => echoed(`${origin}/echo`, post(new Blob(['{}'], { type: 'application/json' }))),
  'parameters as body': (origin) => echoed(`${origin}/echo`, post(new URLSearchParams({ a: 'b c' }))),
  'form as body': (origin) => echoed(`${origin}/echo`, post(form())),
  'stream as body': (origin) => echoed(`${origin}/echo`, { ...post(streamed(['one', 'two', 'three'])), duplex: 'half' }),
  'stream as body without duplex': (origin) => echoed(`${origin}/echo`, post(streamed(['one']))),
  'empty body': (origin) => echoed(`${origin}/echo`, { method: 'POST' }),
  'own type': (origin) => echoed(`${origin}/echo`, post('{}', { headers: { 'Content-Type': 'application/json', 'X-B': '2', 'x-a': ' 1 ' } })),
  'own headers': async (origin) => {
    const [, headers] = (await (await fetch(`${origin}/echo`)).text()).split(' | ');
    return headers!.split(', ').filter((header) => header.includes(': ') && !header.startsWith('host')).map((header) => header.split(': ')[0]).sort();
  },
  'method in small letters': (origin) => echoed(`${origin}/echo`, { method: 'put', body: '' }),
  'other method in small letters': (origin) => echoed(`${origin}/echo`, { method: 'patch', body: 'a' }),
  request: async (origin) => {
    const request = new Request(`${origin}/echo`, post('a body', { headers: { 'x-test': 'a' } }));
    return [await echoed(request.clone() as unknown as string, {}), await echoed(request as unknown as string, { headers: { 'x-test': 'b' } })];
  },
  'headers of an answer': async (origin) => {
    const { headers } = await fetch(`${origin}/cookies`);
    return { all: [...headers].filter(([name]) => /^(x-|set-)/.test(name)), cookies: headers.getSetCookie(), odd: headers.get('x-odd') };
  },
  'answer twice': async (origin) => {
    const response = await fetch(`${origin}/hello`);
    const copy = response.clone();
    return [await response.text(), await copy.text(), response.bodyUsed];
  },
  'body that is used': async (origin) => {
    const response = await fetch(`${origin}/hello`);
    await response.text();
    return response.text();
  },
  gzip: (origin) => get(`${origin}/packed/gzip`),
  brotli: (origin) => get(`${origin}/packed/br`),
  'unknown encoding': async (origin) => (await (await fetch(`${origin}/packed/zebra`)).text()).length,
  'wrong gzip': (origin) => get(`${origin}/packed/wrong`),
  'many at once': (origin) => Promise.all(Array.from({ length: 20 }, (_, each) => get(`${origin}/size/${each}`))),
  cut: (origin) => get(`${origin}/cut`),
  garbage: (origin) => get(`${origin}/garbage`),
  closed: (origin) => get(`${origin}/close`),
  'aborted before': (origin) => get(`${origin}/hello`, { signal: AbortSignal.abort() }),
  'aborted before, with a reason': (origin) => get(`${origin}/hello`, { signal: AbortSignal.abort(new RangeError('own')) }),
  'aborted while it waits': (origin) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    return get(`${origin}/silent`, { signal: controller.signal });
  },
  'aborted while it is read': (origin) => abortedBetween(origin),
  'aborted while it is read, with a reason': (origin) => abortedBetween(origin, new RangeError('own')),
  'out of time': (origin) => get(`${origin}/silent`, { signal: AbortSignal.timeout(50) }),
  'any signal': (origin) => get(`${origin}/silent`, { signal: AbortSignal.any([AbortSignal.timeout(50), new AbortController().signal]) }),
  'data URL': async () => {
    const response = await fetch('data:text/plain;charset=utf-8,a%20b');
    return [response.status, response.headers.get('content-type'), await response.text()];
  },
  'no URL': () => get('/hello'),
  'unknown scheme': () => get('ftp://127.0.0.1/'),
  'password in the URL': (origin) => get(origin.replace('//', '//ada:secret@')),
  'GET with a body': (origin) => get(`${origin}/echo`, { body: 'a' }),
  'wrong header': (origin) => get(`${origin}/echo`, { headers: { 'x-a': 'b\nc' } }),
  'wrong name of a header': (origin) => get(`${origin}/echo`, { headers: { 'x a': 'b' } }),
  'wrong method': (origin) => get(`${origin}/echo`, { method: 'CONNECT' }),
  'wrong redirect': (origin) => get(`${origin}/echo`, { redirect: 'never' as RequestRedirect }),
};

/** What comes of it, or what is thrown. */
export async function requests(origin: string, way: string): Promise<unknown> {
  try {
    return await WAYS[way]!(origin);
  } catch (error) {
    const { name, message } = error as Error;
    return { threw: error instanceof DOMException ? 'DOMException' : (error as Error).constructor.name, name, message };
  }
}

/** Lets what a server says of itself out, when nobody caught it. */
export async function lets_a_request_out(origin: string, path: string): Promise<unknown> {
  return (await fetch(`${origin}/${path}`)).json();
}

/** Waits for an answer until it is cancelled. */
export async function waits_for_an_answer(origin: string, path: string): Promise<unknown> {
  log.info('waiting');
  return get(`${origin}/${path}`, { signal: cancellationSignal() });
}
