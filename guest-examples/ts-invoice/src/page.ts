// How an invoice looks.

import { addDays, format, isWeekend, nextMonday, parseISO } from 'date-fns';
import type { Decimal } from 'decimal.js';
import Mustache from 'mustache';

import type { Totals } from './amounts';
import type { Order } from './order';

const TEMPLATE = `\
<h1>Invoice {{number}}</h1>
<address>{{name}}{{#address}}<br>{{.}}{{/address}}</address>
<p>Of your order of {{ordered}}. Please pay {{total}} by {{due}}.</p>
<table>
{{#lines}}
  <tr><td>{{quantity}}</td><td>{{article}}</td><td>{{unitPrice}}</td><td>{{taxPercent}} %</td><td>{{net}}</td></tr>
{{/lines}}
{{#rates}}
  <tr><td colspan="4">{{percent}} % tax on {{net}}</td><td>{{tax}}</td></tr>
{{/rates}}
  <tr><td colspan="4">Total</td><td>{{total}}</td></tr>
</table>
`;

// Done once, when the component is built: attempts begin with the parsed template.
Mustache.parse(TEMPLATE);

const DAY = 'd MMMM yyyy';

export function html(order: Order, totals: Totals): { due: string; page: string } {
  const ordered = parseISO(order.ordered);
  const due = workday(addDays(ordered, order.daysToPay));
  const amount = (value: Decimal) => `${order.currency} ${value.toFixed(2)}`;
  const page = Mustache.render(TEMPLATE, {
    number: order.number,
    ...order.customer,
    ordered: format(ordered, DAY),
    due: format(due, DAY),
    total: amount(totals.total),
    lines: totals.lines.map((line) => ({ ...line, unitPrice: price(line.unitPrice), net: amount(line.net) })),
    rates: totals.rates.map(({ percent, net, tax }) => ({ percent, net: amount(net), tax: amount(tax) })),
  });
  return { due: format(due, 'yyyy-MM-dd'), page };
}

/** A price with its cents, and what is smaller where it has that. */
function price(value: Decimal): string {
  return value.toFixed(Math.max(2, value.decimalPlaces()));
}

/** Nobody has to pay at the weekend. */
function workday(day: Date): Date {
  return isWeekend(day) ? nextMonday(day) : day;
}
