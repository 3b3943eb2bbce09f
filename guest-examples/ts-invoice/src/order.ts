// What an order has to be.

import { Decimal } from 'decimal.js';
import { z } from 'zod';

/** A decimal number as a text: JSON's numbers are binary fractions, and 0.1 is none. */
const decimal = (places: number) =>
  z
    .string()
    .regex(new RegExp(`^\\d{1,9}(\\.\\d{1,${places}})?$`), `a number with at most ${places} places is expected, as a text`)
    .transform((text) => new Decimal(text));

const Line = z.strictObject({
  article: z.string().min(1),
  quantity: decimal(3).refine((quantity) => quantity.gt(0), 'more than nothing is expected'),
  unitPrice: decimal(4),
  taxPercent: decimal(2),
});

export const Order = z.strictObject({
  number: z.string().min(1),
  customer: z.strictObject({ name: z.string().min(1), address: z.array(z.string()).min(1) }),
  currency: z.enum(['EUR', 'GBP', 'USD']),
  ordered: z.iso.date(),
  daysToPay: z.int().min(0).max(365).default(30),
  lines: z.array(Line).min(1),
});

export type Order = z.infer<typeof Order>;
export type Line = z.infer<typeof Line>;
