// node:constants, which is old, and which packages that work with files look into.

module.exports = { ...require('./fs_constants.js').constants, ...require('./crypto_constants.js').constants };
