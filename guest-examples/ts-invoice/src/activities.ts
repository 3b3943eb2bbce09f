// Invoices as HTML, from orders that are checked first.

import { ApplicationFailure, log } from '@temporalio/activity';

import { totalsOf } from './amounts';
import { Order } from './order';
import { html } from './page';

export interface Invoice {
  number: string;
  /** The day, as `2026-03-31`. */
  due: string;
  currency: string;
  net: string;
  tax: string;
  total: string;
  html: string;
}

/** The invoice of an order; an order that can't be right is not tried again. */
export async function renderInvoice(given: unknown): Promise<Invoice> {
  const parsed = Order.safeParse(given);
  if (!parsed.success) {
    const issues = parsed.error.issues.map(({ path, message }) => ({ at: path.join('.'), message }));
    throw ApplicationFailure.create({
      message: `the order is not valid: ${issues.length} ${issues.length === 1 ? 'issue' : 'issues'}`,
      type: 'InvalidOrder',
      nonRetryable: true,
      details: [issues],
    });
  }
  const order = parsed.data;
  const totals = totalsOf(order.lines);
  const { due, page } = html(order, totals);
  log.info('rendered an invoice', { number: order.number, lines: order.lines.length });
  return {
    number: order.number,
    due,
    currency: order.currency,
    net: totals.net.toFixed(2),
    tax: totals.tax.toFixed(2),
    total: totals.total.toFixed(2),
    html: page,
  };
}
