// node:stream/promises.

import stream from './stream.cjs';

export const { finished, pipeline } = stream.promises;

export default stream.promises;
