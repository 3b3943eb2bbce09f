// The functions of the host, taken from the global object before any other code can see them.

export const host = globalThis.__isolet_host;
delete globalThis.__isolet_host;
