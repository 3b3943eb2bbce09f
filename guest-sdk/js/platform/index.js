// Imported first in every bundle: everything that activities find in the global object.

import './host.js';
import './globals.js';
import './context.js';
import './errors.js';
import './random.js';
import './timers.js';
import './abort.js';
import './encoding.js';
import './performance.js';
import './process.js';
import './console.js';
import './rejections.js';
import './url.js';
import './clone.js';
import './streams.js';
import './text_streams.js';
import './compression.js';
import './fetch/fetch.js';
import './crypto.js';
import './intl/intl.js';
