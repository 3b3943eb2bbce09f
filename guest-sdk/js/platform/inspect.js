// How values are shown: Node's own code, of the package node-inspect-extracted.

import './inspect_needs.js';

import inspection from 'node-inspect-extracted';
import { borrowed } from './inspect_needs.js';

for (const name of borrowed) delete globalThis[name];

export const { format, formatWithOptions, inspect, stripVTControlCharacters } = inspection;
