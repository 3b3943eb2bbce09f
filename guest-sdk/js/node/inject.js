// What Node has in its global object and browsers have not. The bundler puts it where code names it.

export { Buffer } from './buffer.js';
