// node:net for packages that only want to know what an address is.

const absent = require('./absent.cjs');

const V4 = /^((25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.|$)){4}$/;

const isIPv4 = (text) => V4.test(text) && !String(text).endsWith('.');
const isIPv6 = (text) => String(text).includes(':') && URL.canParse(`http://[${String(text).replace(/%.*$/, '')}]/`);
const isIP = (text) => (isIPv4(text) ? 4 : isIPv6(text) ? 6 : 0);

module.exports = absent('net', { isIP, isIPv4, isIPv6 });
