// node:stream, of the package readable-stream, with the ways from and to the web's streams.

const stream = require('readable-stream');
const web = require('./stream_adapters.js');

const { Readable, Writable, Duplex } = stream;

Readable.toWeb = web.readableToWeb;
Readable.fromWeb = (readable, options) => Readable.from(web.chunksOf(readable), { objectMode: false, ...options });
Writable.toWeb = web.writableToWeb;
Writable.fromWeb = (writable, options) => web.writableFromWeb(Writable, writable, options);
Duplex.toWeb = (duplex) => ({ readable: web.readableToWeb(duplex), writable: web.writableToWeb(duplex) });

module.exports = stream;
