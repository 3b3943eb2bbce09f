// Downloads that go on where the attempt before was, if the server has still the same.

import { ApplicationFailure } from '@temporalio/activity';

const NOTHING = { version: null, bytes: 0, rows: 0, columns: undefined, groups: {} };

// What may be another answer the next time: too early, too many requests, a timeout.
const PASSING = new Set([408, 425, 429]);

/**
 * The bytes of what is at a URL that the heartbeat of the attempt before does not cover yet.
 *
 * @param before what that heartbeat said, if there was one
 * @returns the bytes in pieces, the version that the server gives them, and what is read already of just that version
 */
export async function download(url, before, signal) {
  // Positions are those in the table itself, and not in a compressed one.
  const headers = { 'accept-encoding': 'identity' };
  if (before?.version) Object.assign(headers, { range: `bytes=${before.bytes}-`, 'if-range': before.version });
  const response = await fetch(url, { headers, signal });
  const version = response.headers.get('etag');
  // There is nothing after the last row.
  if (response.status === 416 && headers.range) return { body: [], version, before };
  if (response.status === 206) return { body: response.body, version, before };
  if (response.status === 200) return { body: response.body, version, before: NOTHING };
  const { status } = response;
  const isRefusal = 400 <= status && status < 500 && !PASSING.has(status);
  throw ApplicationFailure.create({
    message: `${url} is answered with ${status} ${response.statusText}`,
    type: isRefusal ? 'ReportRefused' : 'ReportUnavailable',
    nonRetryable: isRefusal,
  });
}
