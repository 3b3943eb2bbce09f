// node:tty: output is never a terminal.

export const isatty = () => false;

export class ReadStream {}

export class WriteStream {}

export default { ReadStream, WriteStream, isatty };
