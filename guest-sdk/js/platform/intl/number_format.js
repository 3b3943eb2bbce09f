// Intl.NumberFormat.

const SYMBOLS = {
  USD: '$',
  EUR: '€',
  GBP: '£',
  JPY: '¥',
  INR: '₹',
  CNY: 'CN¥',
  KRW: '₩',
  BRL: 'R$',
  CAD: 'CA$',
  AUD: 'A$',
  MXN: 'MX$',
  ILS: '₪',
  VND: '₫',
  NZD: 'NZ$',
  HKD: 'HK$',
  TWD: 'NT$',
};
const WHOLE = ['JPY', 'KRW', 'VND', 'CLP', 'ISK'];
const STEPS = [
  [1e12, 'T', ' trillion'],
  [1e9, 'B', ' billion'],
  [1e6, 'M', ' million'],
  [1e3, 'K', ' thousand'],
];
const UNITS = {
  byte: 'byte',
  kilobyte: 'kB',
  megabyte: 'MB',
  gigabyte: 'GB',
  terabyte: 'TB',
  kilometer: 'km',
  meter: 'm',
  centimeter: 'cm',
  kilogram: 'kg',
  gram: 'g',
  second: 'sec',
  minute: 'min',
  hour: 'hr',
  day: 'day',
  percent: '%',
  celsius: '°C',
  fahrenheit: '°F',
  liter: 'L',
  millisecond: 'ms',
  mile: 'mi',
};

function digitsOf(options) {
  const { style = 'decimal', notation, currency, minimumFractionDigits: least, maximumFractionDigits: most } = options;
  const money = style === 'currency' ? (WHOLE.includes(String(currency).toUpperCase()) ? 0 : 2) : undefined;
  const isCompact = notation === 'compact';
  const usual = isCompact ? [0, 0] : [money ?? 0, money ?? (style === 'percent' ? 0 : 3)];
  const from = least ?? Math.min(usual[0], most ?? usual[0]);
  const to = most ?? Math.max(usual[1], from);
  if (!(from >= 0 && to <= 100 && from <= to)) throw new RangeError('maximumFractionDigits value is out of range.');
  return { minimumFractionDigits: from, maximumFractionDigits: to, isRounded: isCompact && least === undefined && most === undefined };
}

export class NumberFormat {
  #options;
  #digits;

  constructor(locales, options = {}) {
    const { style = 'decimal', currency, unit, notation = 'standard', signDisplay = 'auto', useGrouping = true, ...rest } = options ?? {};
    if (style === 'currency' && currency === undefined) throw new TypeError('Currency code is required with currency style.');
    if (style === 'unit' && unit === undefined) throw new TypeError('Unit is required with unit style.');
    this.#options = { ...rest, style, currency: currency && String(currency).toUpperCase(), unit, notation, signDisplay, useGrouping };
    this.#digits = digitsOf(this.#options);
    this.format = (value) =>
      this.formatToParts(value)
        .map((part) => part.value)
        .join('');
  }

  formatToParts(given) {
    const value = typeof given === 'bigint' ? given : Number(given);
    const { style, signDisplay, currencySign } = this.#options;
    const isNegative = value < 0 || Object.is(value, -0);
    const [number, suffix] = this.#number(isNegative ? -value : value);
    const isZero = number.every(({ type, value: text }) => !['integer', 'fraction'].includes(type) || /^0*$/.test(text));
    const parts = this.#decorate([...number, ...suffix], isNegative);
    if (style === 'currency' && currencySign === 'accounting' && isNegative && !isZero) {
      return [{ type: 'literal', value: '(' }, ...parts, { type: 'literal', value: ')' }];
    }
    const shows = { auto: isNegative, always: true, never: false, exceptZero: !isZero, negative: isNegative && !isZero }[signDisplay];
    if (!shows) return parts;
    return [isNegative ? { type: 'minusSign', value: '-' } : { type: 'plusSign', value: '+' }, ...parts];
  }

  /** The digits, and what stands for the power of ten behind them. */
  #number(value) {
    if (Number.isNaN(value)) return [[{ type: 'nan', value: 'NaN' }], []];
    if (value === Infinity) return [[{ type: 'infinity', value: '∞' }], []];
    const { style, notation, compactDisplay } = this.#options;
    const scaled = style === 'percent' ? (typeof value === 'bigint' ? value * 100n : value * 100) : value;
    if (notation === 'compact') {
      const step = STEPS.find(([size]) => Number(scaled) >= size);
      const suffix = step ? [{ type: 'compact', value: compactDisplay === 'long' ? step[2] : step[1] }] : [];
      return [this.#digitsOf(step ? Number(scaled) / step[0] : scaled), suffix];
    }
    if (notation === 'scientific' || notation === 'engineering') {
      const size = Number(scaled) === 0 ? 0 : Math.floor(Math.log10(Number(scaled)));
      const power = notation === 'engineering' ? Math.floor(size / 3) * 3 : size;
      return [
        this.#digitsOf(Number(scaled) / 10 ** power),
        [
          { type: 'exponentSeparator', value: 'E' },
          { type: 'exponentInteger', value: String(power) },
        ],
      ];
    }
    return [this.#digitsOf(scaled), []];
  }

  #digitsOf(value) {
    const {
      minimumSignificantDigits: least,
      maximumSignificantDigits: most,
      minimumIntegerDigits = 1,
      useGrouping,
      notation,
    } = this.#options;
    const { minimumFractionDigits, maximumFractionDigits, isRounded } = this.#digits;
    let text;
    let kept = minimumFractionDigits;
    if (typeof value === 'bigint') text = `${value}`;
    else if (least !== undefined || most !== undefined) {
      text = plain(Number(value.toPrecision(most ?? 21)));
      kept = Math.max(0, (least ?? 1) - text.split('.')[0].replace(/^0$/, '').length);
    } else
      text = fixed(
        value,
        isRounded ? (value < 100 ? Math.max(0, 1 - Math.floor(Math.log10(Math.max(value, 1)))) : 0) : maximumFractionDigits,
      );
    const [whole, fraction = ''] = text.split('.');
    const digits = fraction.replace(/0+$/, '').padEnd(kept, '0');
    const integer = whole.padStart(minimumIntegerDigits, '0');
    const isGrouped =
      useGrouping !== false && useGrouping !== 'false' && !(integer.length < 5 && (useGrouping === 'min2' || notation === 'compact'));
    const groups = isGrouped ? integer.replace(/\B(?=(\d{3})+$)/g, ',').split(',') : [integer];
    return [
      ...groups.flatMap((group, at) => [...(at > 0 ? [{ type: 'group', value: ',' }] : []), { type: 'integer', value: group }]),
      ...(digits
        ? [
            { type: 'decimal', value: '.' },
            { type: 'fraction', value: digits },
          ]
        : []),
    ];
  }

  #decorate(parts) {
    const { style, currency, currencyDisplay = 'symbol', unit, unitDisplay = 'short' } = this.#options;
    if (style === 'percent') return [...parts, { type: 'percentSign', value: '%' }];
    if (style === 'unit') {
      const text = parts.map((part) => part.value).join('');
      const name = unitDisplay === 'long' ? `${unit}${text === '1' ? '' : 's'}` : (UNITS[unit] ?? unit);
      const isClose = unitDisplay === 'narrow' || name.startsWith('%') || name.startsWith('°');
      return [...parts, ...(isClose ? [] : [{ type: 'literal', value: ' ' }]), { type: 'unit', value: name }];
    }
    if (style !== 'currency') return parts;
    if (currencyDisplay === 'name') return [...parts, { type: 'literal', value: ' ' }, { type: 'currency', value: currency }];
    const symbol = currencyDisplay === 'code' ? currency : (SYMBOLS[currency] ?? currency);
    const sign = { type: 'currency', value: currencyDisplay === 'narrowSymbol' ? symbol.replace(/^[A-Z]+(?=\W)/, '') : symbol };
    return /[A-Z]$/.test(sign.value) ? [sign, { type: 'literal', value: '\u00a0' }, ...parts] : [sign, ...parts];
  }

  formatRange(from, to) {
    return `${this.format(from)} – ${this.format(to)}`;
  }

  resolvedOptions() {
    const { minimumFractionDigits, maximumFractionDigits } = this.#digits;
    return {
      locale: 'en-US',
      numberingSystem: 'latn',
      minimumIntegerDigits: 1,
      minimumFractionDigits,
      maximumFractionDigits,
      ...this.#options,
    };
  }
}

/** Rounded as it is written in decimal, so that 1.005 becomes 1.01. */
function fixed(value, digits) {
  const text = plain(value);
  const [, fraction = ''] = text.split('.');
  if (fraction.length <= digits) return text;
  return plain(Number(`${Math.round(Number(`${value}e${digits}`))}e-${digits}`) || 0);
}

/** Without an exponent. */
const plain = (value) =>
  Math.abs(value) >= 1e21 ? BigInt(value).toString() : /e/.test(String(value)) ? value.toFixed(20).replace(/\.?0+$/, '') : String(value);
