// Intl.RelativeTimeFormat.

import { NumberFormat } from './number_format.js';

const NEAR = {
  day: ['yesterday', 'today', 'tomorrow'],
  hour: [undefined, 'this hour', undefined],
  minute: [undefined, 'this minute', undefined],
  second: [undefined, 'now', undefined],
};
const SHORT = { second: 'sec.', minute: 'min.', hour: 'hr.', month: 'mo.', week: 'wk.', year: 'yr.', quarter: 'qtr.' };

const near = (unit, value) => (NEAR[unit] ?? [`last ${unit}`, `this ${unit}`, `next ${unit}`])[value + 1];

export class RelativeTimeFormat {
  #options;
  #numbers = new NumberFormat();

  constructor(locales, { numeric = 'always', style = 'long' } = {}) {
    this.#options = { numeric, style };
  }

  formatToParts(value, given) {
    const unit = String(given).replace(/s$/, '');
    const { numeric, style } = this.#options;
    const word = numeric === 'auto' ? near(unit, value) : undefined;
    if (word) return [{ type: 'literal', value: word }];
    const isPast = value < 0 || Object.is(value, -0);
    const amount = Math.abs(value);
    const name = style === 'long' || !SHORT[unit] ? `${unit}${amount === 1 ? '' : 's'}` : SHORT[unit];
    const number = this.#numbers.formatToParts(amount).map((part) => ({ ...part, unit }));
    return isPast
      ? [...number, { type: 'literal', value: ` ${name} ago` }]
      : [{ type: 'literal', value: 'in ' }, ...number, { type: 'literal', value: ` ${name}` }];
  }

  format(value, unit) {
    return this.formatToParts(Number(value), unit).map((part) => part.value).join('');
  }

  resolvedOptions() {
    return { locale: 'en-US', numberingSystem: 'latn', ...this.#options };
  }
}
