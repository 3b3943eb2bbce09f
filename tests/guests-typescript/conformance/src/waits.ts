// Waiting.

export async function park(): Promise<void> {
  await new Promise(() => {});
}
