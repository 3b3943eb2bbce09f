// node:readline/promises.

module.exports = require('./readline.cjs').promises;
