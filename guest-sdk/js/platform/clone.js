// structuredClone, of core-js.

import 'core-js/web/structured-clone.js';

export const { structuredClone } = globalThis;
