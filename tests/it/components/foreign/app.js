// A component of componentize-js: nothing of it knows Isolet.

export function greet(name) {
  return `Hello, ${name}!`;
}

export const orders = {
  ship(order) {
    if (order.items.length === 0) throw { tag: 'empty' };
    if (order.items.includes('tea')) throw { tag: 'out-of-stock', val: 'tea' };
    return 2.5 * order.items.length;
  },
};
