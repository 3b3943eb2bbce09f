// AES, of the package @noble/ciphers. It makes a megabyte of tables when it is loaded, so only who uses it has them.

let loaded;

/** Its modes: `cbc`, `ctr`, `gcm`. */
export function aes() {
  loaded ??= require('@noble/ciphers/aes.js');
  return loaded;
}
