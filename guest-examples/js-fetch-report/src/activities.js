// A report on a CSV table that is read while it is downloaded: per group, the count, minimum, mean and maximum of a
// column. After every chunk of rows a heartbeat carries what there is so far, so that an attempt that follows a failed
// one downloads only the rest.

import { pipeline, Readable } from 'node:stream';

import { activityInfo, CancelledFailure, cancellationSignal, heartbeat, log } from '@temporalio/activity';
import { parse } from 'csv-parse';

import { download } from './download.js';
import { Summary } from './summary.js';

// How many rows are read between two heartbeats.
const CHUNK = 250;

/**
 * @param {object} request
 * @param {string} request.url where the table is
 * @param {string} request.groupBy the column whose values are the groups
 * @param {string} request.measure the column of numbers
 */
export async function fetchReport({ url, groupBy, measure }) {
  const signal = cancellationSignal();
  const { body, version, before } = await download(url, activityInfo().heartbeatDetails, signal);
  const summary = new Summary(groupBy, measure, before.groups);
  // Whatever ends the download comes out of the rows; where these end before, so does the download.
  const parsed = pipeline(Readable.from(body), parse({ columns: before.columns ?? true, info: true }), () => {});
  let { rows } = before;
  try {
    for await (const { record, info } of parsed) {
      rows = before.rows + info.records;
      summary.add(record, rows);
      if (rows % CHUNK !== 0) continue;
      // Counted from where the download began, which is the end of a row.
      const bytes = before.bytes + info.bytes;
      heartbeat({ version, bytes, rows, columns: info.columns.map(({ name }) => name), groups: summary.groups() });
      log.info('read', { rows, bytes });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    log.warn('cancelled within the download', { rows });
    throw new CancelledFailure(`cancelled after ${rows} rows`, [{ rows }]);
  }
  return { rows, attempt: activityInfo().attempt, resumedAfterRow: before.rows, groups: summary.groups() };
}
