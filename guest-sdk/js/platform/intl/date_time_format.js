// Intl.DateTimeFormat.

import { offsetAt, zoneName, zoneOf } from './zones.js';

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

const DATE_STYLES = {
  full: { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' },
  long: { year: 'numeric', month: 'long', day: 'numeric' },
  medium: { year: 'numeric', month: 'short', day: 'numeric' },
  short: { year: '2-digit', month: 'numeric', day: 'numeric' },
};
const TIME_STYLES = {
  full: { hour: 'numeric', minute: '2-digit', second: '2-digit', timeZoneName: 'long' },
  long: { hour: 'numeric', minute: '2-digit', second: '2-digit', timeZoneName: 'short' },
  medium: { hour: 'numeric', minute: '2-digit', second: '2-digit' },
  short: { hour: 'numeric', minute: '2-digit' },
};
const FIELDS = [
  'weekday',
  'era',
  'year',
  'month',
  'day',
  'dayPeriod',
  'hour',
  'minute',
  'second',
  'fractionalSecondDigits',
  'timeZoneName',
];

const literal = (value) => ({ type: 'literal', value });
const two = (number) => String(number).padStart(2, '0');
const named = (names, index, style) => (style === 'long' ? names[index] : style === 'narrow' ? names[index][0] : names[index].slice(0, 3));
const join = (groups, separator) =>
  groups.filter((group) => group.length > 0).flatMap((group, at) => (at > 0 ? [literal(separator), ...group] : group));

function fieldsOf(options) {
  const { dateStyle, timeStyle } = options;
  if (dateStyle || timeStyle) return { ...DATE_STYLES[dateStyle], ...TIME_STYLES[timeStyle] };
  const fields = Object.fromEntries(FIELDS.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]));
  const isNothing = Object.keys(fields).every((name) => name === 'timeZoneName' || name === 'era');
  return isNothing ? { ...fields, year: 'numeric', month: 'numeric', day: 'numeric' } : fields;
}

export class DateTimeFormat {
  #options;
  #fields;
  #zone;
  #cycle;

  constructor(locales, options = {}) {
    this.#options = { ...options };
    this.#fields = fieldsOf(this.#options);
    this.#zone = zoneOf(this.#options.timeZone);
    const { hour12, hourCycle } = this.#options;
    this.#cycle = hour12 === undefined ? (hourCycle ?? 'h12') : hour12 ? 'h12' : 'h23';
    this.format = (date) =>
      this.formatToParts(date)
        .map(({ value }) => value)
        .join('');
  }

  formatToParts(date) {
    const time = date === undefined ? Date.now() : Number(date);
    if (!(Math.abs(time) <= 8.64e15)) throw new RangeError('Invalid time value');
    const local = new Date(time + offsetAt(this.#zone, time));
    const day = this.#day(local);
    const { dateStyle } = this.#options;
    const separator = dateStyle === 'full' || dateStyle === 'long' ? ' at ' : ', ';
    return join([day, this.#time(local, time)], separator);
  }

  #day(local) {
    const { weekday, era, year, month, day } = this.#fields;
    const parts = [];
    const full = local.getUTCFullYear();
    const shown = era && full <= 0 ? 1 - full : full;
    const yearPart = year ? [{ type: 'year', value: year === '2-digit' ? two(Math.abs(shown) % 100) : String(shown) }] : [];
    const dayPart = day ? [{ type: 'day', value: day === '2-digit' ? two(local.getUTCDate()) : String(local.getUTCDate()) }] : [];
    const eraPart = era
      ? [
          {
            type: 'era',
            value: { long: full > 0 ? 'Anno Domini' : 'Before Christ', narrow: full > 0 ? 'A' : 'B' }[era] ?? (full > 0 ? 'AD' : 'BC'),
          },
        ]
      : [];
    const index = local.getUTCMonth();
    if (month === 'numeric' || month === '2-digit') {
      const value = month === '2-digit' ? two(index + 1) : String(index + 1);
      parts.push(join([[{ type: 'month', value }], dayPart, yearPart], '/'));
    } else if (month) {
      const name = [{ type: 'month', value: named(MONTHS, index, month) }];
      parts.push(join([join([name, dayPart], ' '), yearPart], day && year ? ', ' : ' '));
    } else {
      parts.push(join([dayPart, yearPart], ' '));
    }
    const dated = join([join(parts, ''), eraPart], ' ');
    const week = weekday ? [{ type: 'weekday', value: named(DAYS, local.getUTCDay(), weekday) }] : [];
    return join([week, dated], ', ');
  }

  #time(local, time) {
    const { hour, minute, second, fractionalSecondDigits: digits, timeZoneName } = this.#fields;
    const parts = [];
    const hours = local.getUTCHours();
    const is12 = this.#cycle === 'h12' || this.#cycle === 'h11';
    if (hour) {
      const value =
        this.#cycle === 'h12' ? hours % 12 || 12 : this.#cycle === 'h11' ? hours % 12 : this.#cycle === 'h24' ? hours || 24 : hours;
      parts.push([{ type: 'hour', value: hour === '2-digit' || !is12 ? two(value) : String(value) }]);
    }
    const isAlone = !hour && !second;
    if (minute) parts.push([{ type: 'minute', value: isAlone ? String(local.getUTCMinutes()) : two(local.getUTCMinutes()) }]);
    if (second) {
      const value = hour || minute ? two(local.getUTCSeconds()) : String(local.getUTCSeconds());
      const fraction = String(local.getUTCMilliseconds()).padStart(3, '0').slice(0, digits);
      parts.push([{ type: 'second', value }, ...(digits ? [literal('.'), { type: 'fractionalSecond', value: fraction }] : [])]);
    }
    const clock = join(parts, ':');
    const period = hour && is12 ? [literal(' '), { type: 'dayPeriod', value: hours < 12 ? 'AM' : 'PM' }] : [];
    const zone = timeZoneName ? [{ type: 'timeZoneName', value: zoneName(this.#zone, time, timeZoneName) }] : [];
    return join([[...clock, ...period], zone], ' ');
  }

  formatRange(from, to) {
    const [start, end] = [this.format(from), this.format(to)];
    return start === end ? start : `${start} – ${end}`;
  }

  formatRangeToParts(from, to) {
    return [...this.formatToParts(from), literal(' – '), ...this.formatToParts(to)];
  }

  resolvedOptions() {
    const { dateStyle, timeStyle } = this.#options;
    const cycle = this.#fields.hour ? { hourCycle: this.#cycle, hour12: this.#cycle === 'h12' || this.#cycle === 'h11' } : {};
    const fields = dateStyle || timeStyle ? { ...(dateStyle && { dateStyle }), ...(timeStyle && { timeStyle }) } : this.#fields;
    return { locale: 'en-US', calendar: 'gregory', numberingSystem: 'latn', timeZone: this.#zone, ...cycle, ...fields };
  }
}
