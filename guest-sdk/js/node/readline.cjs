// node:readline: the lines of a stream. There is no terminal to ask somebody at.

const EventEmitter = require('./events.cjs');
const { StringDecoder } = require('./string_decoder.js');
const { refuse } = require('./refuse.js');

const ENDING = /\r\n|\n|\r/;

// How many lines wait for who iterates, before the stream is asked to pause.
const MANY = 1024;

class Interface extends EventEmitter {
  #decoder = new StringDecoder('utf8');
  #rest = '';

  constructor(given, output) {
    super();
    const { input, signal } = given?.input ? given : { input: given };
    Object.assign(this, { input, output: given?.output ?? output, terminal: false, closed: false, line: '' });
    input.on('data', (piece) => this.#take(typeof piece === 'string' ? piece : this.#decoder.write(piece)));
    input.on('end', () => this.#end());
    signal?.addEventListener('abort', () => this.close(), { once: true });
    if (signal?.aborted) this.close();
    else input.resume?.();
  }

  #take(text) {
    if (this.closed) return;
    const whole = this.#rest + text;
    // What may be the first half of an ending waits for the other one.
    const held = whole.endsWith('\r') ? '\r' : '';
    const lines = whole.slice(0, whole.length - held.length).split(ENDING);
    this.#rest = lines.pop() + held;
    for (const line of lines) this.emit('line', line);
  }

  #end() {
    if (this.closed) return;
    const rest = (this.#rest + this.#decoder.end()).replace(/\r$/, '');
    const isLine = this.#rest !== '';
    this.#rest = '';
    if (isLine) this.emit('line', rest);
    this.close();
  }

  close() {
    if (this.closed) return;
    this.pause();
    this.closed = true;
    this.emit('close');
  }

  pause() {
    this.input.pause?.();
    this.emit('pause');
    return this;
  }

  resume() {
    this.input.resume?.();
    this.emit('resume');
    return this;
  }

  setPrompt() {}

  prompt() {}

  /** Its lines; fails as its stream does. */
  async *[Symbol.asyncIterator]() {
    const lines = [];
    let failure;
    let wake = () => {};
    const fail = (error) => {
      failure = error;
      wake();
    };
    const add = (line) => {
      lines.push(line);
      if (lines.length === MANY) this.input.pause?.();
      wake();
    };
    const end = () => wake();
    this.on('line', add).on('close', end);
    this.input.on('error', fail);
    try {
      for (;;) {
        while (lines.length > 0) yield lines.shift();
        if (failure) throw failure;
        if (this.closed) return;
        const arrived = new Promise((resolve) => {
          wake = resolve;
        });
        this.input.resume?.();
        await arrived;
      }
    } finally {
      this.off('line', add).off('close', end);
      this.input.off('error', fail);
      this.close();
    }
  }
}

Interface.prototype.question = refuse('readline.Interface.question');

const createInterface = (input, output) => new Interface(input, output);
const nothing = () => true;

module.exports = {
  Interface,
  clearLine: nothing,
  clearScreenDown: nothing,
  createInterface,
  cursorTo: nothing,
  emitKeypressEvents: nothing,
  moveCursor: nothing,
  promises: { Interface, createInterface },
};
