// A file of web-platform-tests, run by their own harness.

/** One of the harness's tests, once it has ended. */
interface Ended {
  readonly name: string;
  readonly status: number;
  readonly message: string | null;
}

type Told = [name: string, message: string];

/** What the scripts find beside what the platform has. */
interface Global {
  self: unknown;
  location: { readonly href: string; readonly search: string };
  GLOBAL: object;
  FileReader: typeof Reader;
  fetch: typeof fetch;
  add_completion_callback?(callback: (tests: Ended[], harness: { status: number; message: string | null }) => void): void;
  timeout?(): void;
}

/** As much of a FileReader as tests read blobs with; activities have none. */
class Reader {
  result: unknown;
  onload?: (event: object) => void;
  readonly #listeners: ((event: object) => void)[] = [];

  addEventListener(kind: string, listener: (event: object) => void): void {
    if (kind === 'load' || kind === 'loadend') this.#listeners.push(listener);
  }

  readAsText(blob: Blob): void {
    void blob.text().then((text) => this.#loaded(text));
  }

  readAsArrayBuffer(blob: Blob): void {
    void blob.arrayBuffer().then((bytes) => this.#loaded(bytes));
  }

  #loaded(result: unknown): void {
    this.result = result;
    const event = { target: this };
    this.onload?.call(this, event);
    this.#listeners.forEach((listener) => listener.call(this, event));
  }
}

// The server that sends back what it is sent.
const ECHO = '/fetch/api/resources/echo-content.py';

// How long a file may take for which something never happens.
const PATIENCE = 10_000;

/**
 * Runs scripts as a shell does, the harness first, and tells which tests passed and which failed. `files` are what the
 * scripts may fetch beside them, `search` is the variant of the file.
 */
export async function web_platform_test(scripts: string[], files: Record<string, string>, search: string): Promise<[string[], Told[]]> {
  const scope = globalThis as unknown as Global;
  const request = fetch;
  scope.self = scope;
  scope.location = { href: `http://localhost/test.any.js${search}`, search };
  scope.GLOBAL = { isWindow: () => false, isWorker: () => false, isShadowRealm: () => false };
  scope.FileReader = Reader;
  scope.fetch = async (input, init) => {
    if (input === ECHO) return new Response(await new Request(`http://localhost${ECHO}`, init).arrayBuffer());
    return typeof input === 'string' && input in files ? new Response(files[input]) : request(input, init);
  };
  const [harness, ...others] = scripts;
  const run = eval;
  run(harness!);
  const ended = new Promise<[string[], Told[]]>((resolve) => {
    scope.add_completion_callback!((tests, { status, message }) => {
      const failed = tests.filter((test) => test.status !== 0).map(({ name, message: why }): Told => [name, String(why)]);
      if (status !== 0) failed.push(['(the file)', String(message)]);
      resolve([tests.filter((test) => test.status === 0).map(({ name }) => name), failed]);
    });
  });
  const timer = setTimeout(() => scope.timeout!(), PATIENCE);
  // What one of them declares all others see.
  run(others.join('\n;\n'));
  try {
    return await ended;
  } finally {
    clearTimeout(timer);
  }
}
