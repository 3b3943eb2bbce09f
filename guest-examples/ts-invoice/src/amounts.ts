// What lines come to. Amounts are decimal numbers, rounded to cents where the invoice shows them: once a line.

import { Decimal } from 'decimal.js';

import type { Line } from './order';

/** A line with what it comes to. */
export interface Priced extends Line {
  net: Decimal;
  tax: Decimal;
}

/** All of one rate of tax. */
export interface Rate {
  percent: Decimal;
  net: Decimal;
  tax: Decimal;
}

export interface Totals {
  lines: Priced[];
  rates: Rate[];
  net: Decimal;
  tax: Decimal;
  total: Decimal;
}

const cents = (amount: Decimal) => amount.toDecimalPlaces(2, Decimal.ROUND_HALF_UP);
const sum = (amounts: Decimal[]) => amounts.reduce((one, other) => one.plus(other), new Decimal(0));

export function totalsOf(lines: Line[]): Totals {
  const priced = lines.map((line) => {
    const net = cents(line.quantity.times(line.unitPrice));
    return { ...line, net, tax: cents(net.times(line.taxPercent).div(100)) };
  });
  const percents = [...new Set(priced.map((line) => line.taxPercent.toString()))];
  const rates = percents.map((percent) => {
    const taxed = priced.filter((line) => line.taxPercent.eq(percent));
    return { percent: new Decimal(percent), net: sum(taxed.map((line) => line.net)), tax: sum(taxed.map((line) => line.tax)) };
  });
  const net = sum(priced.map((line) => line.net));
  const tax = sum(priced.map((line) => line.tax));
  return { lines: priced, rates, net, tax, total: net.plus(tax) };
}
