// node:assert/strict.

module.exports = require('./assert.cjs').strict;
