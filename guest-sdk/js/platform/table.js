// `console.table`.

import { inspect } from './inspect.js';

const show = (value) => inspect(value, { depth: 0, maxArrayLength: 3, breakLength: Infinity });
const isObject = (value) => value !== null && typeof value === 'object';
const entriesOf = (data) => (data instanceof Map || data instanceof Set ? [...data].entries() : Object.entries(data));

/** Rows of objects as a table; anything else as it is. */
export function table(data, wanted) {
  if (!isObject(data)) return data;
  const rows = [...entriesOf(data)];
  const found = rows.flatMap(([, row]) => (isObject(row) ? Object.keys(row) : []));
  const columns = [...new Set(wanted ?? found)];
  const hasValues = rows.some(([, row]) => !isObject(row));
  const head = ['(index)', ...columns, ...(hasValues ? ['Values'] : [])];
  const body = rows.map(([index, row]) => [
    String(index),
    ...columns.map((column) => (isObject(row) && Object.hasOwn(row, column) ? show(row[column]) : '')),
    ...(hasValues ? [isObject(row) ? '' : show(row)] : []),
  ]);
  const widths = head.map((_, place) => Math.max(...[head, ...body].map((cells) => cells[place].length)) + 2);
  const rule = (left, middle, right) => left + widths.map((width) => '─'.repeat(width)).join(middle) + right;
  const lineOf = (cells) => `│${cells.map((cell, place) => ` ${cell}`.padEnd(widths[place])).join('│')}│`;
  const lines = [rule('┌', '┬', '┐'), lineOf(head), rule('├', '┼', '┤'), ...body.map(lineOf), rule('└', '┴', '┘')];
  return lines.join('\n');
}
