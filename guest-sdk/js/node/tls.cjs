// node:tls for packages that look at a socket's insides while they load.

const absent = require('./absent.cjs');

class TLSSocket {
  // Of what http2-wrapper takes the class.
  _handle = { _parentWrap: {} };
}

module.exports = absent('tls', { TLSSocket, rootCertificates: [], DEFAULT_MAX_VERSION: 'TLSv1.3', DEFAULT_MIN_VERSION: 'TLSv1.2' });
