// What the official worker of benchmark b runs, benches/src/end_to_end/typescript_worker.mjs, and nothing else.

export async function greet(name: string): Promise<string> {
  return `Hello, ${name}!`;
}
