// Intl.ListFormat.

const WORDS = { conjunction: { long: 'and', short: '&', narrow: '' }, disjunction: { long: 'or', short: 'or', narrow: 'or' } };

export class ListFormat {
  #options;

  constructor(locales, { type = 'conjunction', style = 'long' } = {}) {
    this.#options = { type, style };
  }

  formatToParts(list) {
    const { type, style } = this.#options;
    const word = WORDS[type]?.[style] ?? '';
    const items = [...list];
    const between = type === 'unit' && style === 'narrow' ? ' ' : ', ';
    return items.flatMap((value, at) => {
      const element = { type: 'element', value };
      if (at === 0) return [element];
      const isLast = at === items.length - 1;
      const literal = isLast && word ? (items.length === 2 ? ` ${word} ` : `, ${word} `) : between;
      return [{ type: 'literal', value: literal }, element];
    });
  }

  format(list) {
    return this.formatToParts(list).map(({ value }) => value).join('');
  }

  resolvedOptions() {
    return { locale: 'en-US', ...this.#options };
  }
}
