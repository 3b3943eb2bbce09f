// `Intl` for American English, whichever locale is asked for: what packages need of it to work at all. The complete one
// (@formatjs, with its time zones) is 2.2 MB of code and 22 MB of memory in every attempt.

import { define } from '../globals.js';
import { Collator } from './collator.js';
import { DateTimeFormat } from './date_time_format.js';
import { ListFormat } from './list_format.js';
import { NumberFormat } from './number_format.js';
import { PluralRules } from './plural_rules.js';
import { RelativeTimeFormat } from './relative_time_format.js';
import { Segmenter } from './segmenter.js';

class Locale {
  constructor(tag) {
    this.baseName = String(tag);
    [this.language, this.region] = this.baseName.split('-');
  }

  toString() {
    return this.baseName;
  }

  getWeekInfo() {
    return { firstDay: 7, weekend: [6, 7], minimalDays: 1 };
  }
}

const Intl = {
  Collator,
  DateTimeFormat,
  ListFormat,
  Locale,
  NumberFormat,
  PluralRules,
  RelativeTimeFormat,
  Segmenter,
  getCanonicalLocales: (locales) => [locales ?? []].flat().map(String),
  supportedValuesOf: (key) => (key === 'timeZone' ? ['UTC'] : []),
};

for (const type of [Collator, DateTimeFormat, ListFormat, NumberFormat, PluralRules, RelativeTimeFormat, Segmenter]) {
  type.supportedLocalesOf = (locales) => [locales ?? []].flat().filter((locale) => /^en\b/.test(locale));
}

Object.defineProperty(Intl, Symbol.toStringTag, { value: 'Intl', configurable: true });

function replace(prototype, functions) {
  for (const [name, value] of Object.entries(functions)) {
    Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
  }
}

const hasAny = (options, names) => names.some((name) => options?.[name] !== undefined);
const DATE = ['weekday', 'year', 'month', 'day', 'dateStyle'];
const TIME = ['hour', 'minute', 'second', 'fractionalSecondDigits', 'dayPeriod', 'timeStyle'];
const day = { year: 'numeric', month: 'numeric', day: 'numeric' };
const time = { hour: 'numeric', minute: 'numeric', second: 'numeric' };

const show = (date, locales, options) =>
  Number.isNaN(date.getTime()) ? 'Invalid Date' : new DateTimeFormat(locales, options).format(date);

replace(Date.prototype, {
  toLocaleString(locales, options) {
    return show(this, locales, hasAny(options, [...DATE, ...TIME]) ? options : { ...options, ...day, ...time });
  },
  toLocaleDateString(locales, options) {
    return show(this, locales, hasAny(options, DATE) ? options : { ...options, ...day });
  },
  toLocaleTimeString(locales, options) {
    return show(this, locales, hasAny(options, TIME) ? options : { ...options, ...time });
  },
});

replace(Number.prototype, {
  toLocaleString(locales, options) {
    return new NumberFormat(locales, options).format(this.valueOf());
  },
});

replace(BigInt.prototype, {
  toLocaleString(locales, options) {
    return new NumberFormat(locales, options).format(this.valueOf());
  },
});

const plain = new Collator();

replace(String.prototype, {
  localeCompare(other, locales, options) {
    const collator = options === undefined ? plain : new Collator(locales, options);
    return collator.compare(String(this), String(other));
  },
});

define({ Intl });
