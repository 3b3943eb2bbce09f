// node:timers.

import { clearImmediate, clearInterval, clearTimeout, setImmediate, setInterval, setTimeout } from '../platform/timers.js';
import promises from './timers_promises.js';

export { clearImmediate, clearInterval, clearTimeout, promises, setImmediate, setInterval, setTimeout };

export default { clearImmediate, clearInterval, clearTimeout, promises, setImmediate, setInterval, setTimeout };
