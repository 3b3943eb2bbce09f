// What the rows of each group come to.

import { ApplicationFailure } from '@temporalio/activity';

export class Summary {
  #groupBy;
  #measure;
  #groups;

  /** @param groups what {@link groups} of a summary before was */
  constructor(groupBy, measure, groups) {
    this.#groupBy = groupBy;
    this.#measure = measure;
    this.#groups = new Map(Object.entries(groups));
  }

  add(record, row) {
    const name = this.#cell(record, this.#groupBy);
    const text = this.#cell(record, this.#measure);
    const value = text.trim() === '' ? NaN : Number(text);
    if (!Number.isFinite(value)) {
      throw ApplicationFailure.nonRetryable(`row ${row}: ${this.#measure} is no number: ${text}`, 'InvalidReport', row);
    }
    const group = this.#groups.get(name);
    if (group) {
      group.count += 1;
      group.sum += value;
      group.min = Math.min(group.min, value);
      group.max = Math.max(group.max, value);
    } else {
      this.#groups.set(name, { count: 1, sum: value, min: value, max: value });
    }
  }

  /** The groups by name, as they are now. */
  groups() {
    return Object.fromEntries([...this.#groups].map(([name, group]) => [name, { ...group, mean: group.sum / group.count }]));
  }

  #cell(record, column) {
    if (Object.hasOwn(record, column)) return record[column];
    const columns = Object.keys(record).join(', ');
    throw ApplicationFailure.nonRetryable(`there is no column ${column}, but ${columns}`, 'InvalidReport');
  }
}
