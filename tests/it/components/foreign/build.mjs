// Makes js.wasm of app.js.

import { readFile, writeFile } from 'node:fs/promises';

import { componentize } from '@bytecodealliance/componentize-js';

const options = { witPath: 'shop.wit', worldName: 'shop', disableFeatures: ['http', 'fetch-event'] };
const { component } = await componentize(await readFile('app.js', 'utf8'), options);
await writeFile('js.wasm', component);
