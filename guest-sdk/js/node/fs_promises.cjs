// node:fs/promises, as node:fs.

module.exports = require('./fs.cjs').promises;
