// `node:stream` for the package's calls that stream: none of Temporal's does, and the module is large.

class Stream {
  constructor() {
    throw new Error('Temporal has no calls that stream, and others are not there in the sandbox');
  }
}

export { Stream as Duplex, Stream as Readable, Stream as Writable };
