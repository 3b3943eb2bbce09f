// Arguments and results.

export async function add(a: number, b: number): Promise<number> {
  return a + b;
}

export async function greet(name: string): Promise<string> {
  return `Hello, ${name}!`;
}

export async function nothing(): Promise<void> {}

export async function recode(value: unknown): Promise<unknown> {
  return value;
}

export async function reverse_bytes(value: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(value).reverse();
}

export async function unencodable_result(): Promise<unknown> {
  return 1n;
}

export async function with_default(a: number, b: number | null = 5): Promise<[number, number]> {
  return [a, b ?? 5];
}
