// Activities of typed.wasm, as `isolet inspect --stubs typescript` writes them.

import { proxyActivities, type ActivityOptions } from '@temporalio/workflow';

/** A whole number of 64 bits. The worker returns those beyond 2 ** 53 - 1 as a text of their digits, and takes both. */
export type Long = number | string;
/** A number; those that JSON has not are texts. */
export type Float = number | 'NaN' | 'Infinity' | '-Infinity';

export interface Item {
  sku: string;
  unit_price: Float;
  count: number;
}

export type Payment = "cash" | { card: string } | { on_account: Long };

export interface Order {
  id: Long;
  items: (Item)[];
  payment: Payment;
  note?: string | null;
}

export interface Receipt {
  order: Long;
  total: Float;
}

export interface StockProblem {
  message: string;
  non_retryable: boolean;
  left: number;
}

export type OrderError = "empty" | { not_paid: string } | { out_of_stock: StockProblem };

export type Color = "red" | "dark_blue";

export type Access = ("read" | "write_all" | "run")[];

export type Shape = "point" | { circle: Float } | { box_of: [Float, Float] };

export interface Everything {
  yes: boolean;
  tiny: number;
  byte: number;
  short: number;
  unsigned_short: number;
  int: number;
  unsigned_int: number;
  long: Long;
  unsigned_long: Long;
  single: Float;
  double: Float;
  letter: string;
  text: string;
  bytes: string;
  texts: (string)[];
  pair: [number, string];
  color: Color;
  access: Access;
  shape: Shape;
  maybe?: number | null;
  maybe_maybe?: { some: number | null } | null;
  outcome: { ok: number } | { err: string };
  bare: "ok" | "err";
  shapes: (Shape | null)[];
}

export interface Wide {
  a?: string | null;
  b?: string | null;
  c?: string | null;
  d?: string | null;
  e?: string | null;
  f?: string | null;
  g?: string | null;
  h?: string | null;
  i?: string | null;
  j?: string | null;
  k?: string | null;
  l?: string | null;
}

/** The activities by their types. */
export interface Activities {
  /** ping: func(name: string) -> string */
  "ping"(name: string): Promise<string>;
  /** acme:shop/orders@1.2.0#ship: func(order: order) -> result<receipt, order-error> */
  "ship"(order: Order): Promise<Receipt>;
  /** acme:shop/orders@1.2.0#refuse-with-text: func(why: string) -> result<_, string> */
  "refuse-with-text"(why: string): Promise<void>;
  /** acme:shop/orders@1.2.0#refuse-with-record: func(why: string) -> result<u32, stock-problem> */
  "refuse-with-record"(why: string): Promise<number>;
  /** acme:shop/orders@1.2.0#refuse: func() -> result */
  "refuse"(): Promise<void>;
  /** acme:shop/every-type@1.2.0#echo: func(it: everything) -> everything */
  "echo"(it: Everything): Promise<Everything>;
  /** acme:shop/every-type@1.2.0#echo-bytes: func(it: list<u8>) -> list<u8> */
  "echo-bytes"(it: Uint8Array): Promise<Uint8Array>;
  /** acme:shop/every-type@1.2.0#echo-maybe: func(it: option<option<s64>>) -> option<option<s64>> */
  "echo-maybe"(it: { some: Long | null } | null): Promise<{ some: Long | null } | null>;
  /** acme:shop/every-type@1.2.0#concatenate: func(first: string, second: string, third: option<string>) -> string */
  "concatenate"(first: string, second: string, third: string | null): Promise<string>;
  /** acme:shop/every-type@1.2.0#nothing: func() */
  "nothing"(): Promise<void>;
  /** acme:shop/hostile@1.2.0#many-bytes: func(count: u32) -> list<u8> */
  "many-bytes"(count: number): Promise<Uint8Array>;
  /** acme:shop/hostile@1.2.0#many-numbers: func(count: u32) -> list<u64> */
  "many-numbers"(count: number): Promise<(Long)[]>;
  /** acme:shop/hostile@1.2.0#count-wide: func(all: list<wide>) -> u64 */
  "count-wide"(all: (Wide)[]): Promise<Long>;
  /** acme:shop/hostile@1.2.0#count-texts: func(all: list<list<string>>) -> u64 */
  "count-texts"(all: ((string)[])[]): Promise<Long>;
  /** acme:shop/hostile@1.2.0#spin: func() */
  "spin"(): Promise<void>;
  /** acme:shop/hostile@1.2.0#trap: func() */
  "trap"(): Promise<void>;
  /** acme:shop/hostile@1.2.0#exhaust: func() */
  "exhaust"(): Promise<void>;
}

/** The activities, by names of TypeScript's own, with these options. */
export function activities(options: ActivityOptions) {
  const all = proxyActivities<Activities>(options);
  return {
    ping: all["ping"],
    ship: all["ship"],
    refuseWithText: all["refuse-with-text"],
    refuseWithRecord: all["refuse-with-record"],
    refuse: all["refuse"],
    echo: all["echo"],
    echoBytes: all["echo-bytes"],
    echoMaybe: all["echo-maybe"],
    concatenate: all["concatenate"],
    nothing: all["nothing"],
    manyBytes: all["many-bytes"],
    manyNumbers: all["many-numbers"],
    countWide: all["count-wide"],
    countTexts: all["count-texts"],
    spin: all["spin"],
    trap: all["trap"],
    exhaust: all["exhaust"],
  };
}