// Intl.PluralRules.

export class PluralRules {
  #type;

  constructor(locales, { type = 'cardinal' } = {}) {
    this.#type = type;
  }

  select(number) {
    const value = Math.abs(Number(number));
    if (this.#type === 'cardinal') return value === 1 ? 'one' : 'other';
    const [tens, ones] = [value % 100, value % 10];
    if (tens >= 11 && tens <= 13) return 'other';
    return { 1: 'one', 2: 'two', 3: 'few' }[ones] ?? 'other';
  }

  resolvedOptions() {
    const pluralCategories = this.#type === 'cardinal' ? ['one', 'other'] : ['few', 'one', 'two', 'other'];
    return { locale: 'en-US', type: this.#type, pluralCategories };
  }
}
