// Intl.Collator: letters first, then accents, then capitals.

const MARKS = /\p{M}/gu;
const sign = (one, other) => (one < other ? -1 : one > other ? 1 : 0);
const capitalsLast = (text) => text.replace(/\p{L}/gu, (letter) => (letter === letter.toLowerCase() ? 'a' : 'b'));

// Punctuation comes before digits, and these before letters, as in the root collation.
const rank = (character) => (/[\p{L}]/u.test(character) ? 2 : /\p{N}/u.test(character) ? 1 : 0);

export class Collator {
  #options;

  constructor(locales, { numeric = false, sensitivity = 'variant', ...rest } = {}) {
    this.#options = { numeric, sensitivity, ...rest };
    this.compare = (one, other) => this.#compare(String(one), String(other));
  }

  #compare(one, other) {
    if (one === other) return 0;
    const { sensitivity } = this.#options;
    const [left, right] = [one.normalize('NFD'), other.normalize('NFD')];
    const letters = this.#letters(left.replace(MARKS, '').toLowerCase(), right.replace(MARKS, '').toLowerCase());
    if (letters !== 0 || sensitivity === 'base') return letters;
    const accents = sign(left.toLowerCase(), right.toLowerCase());
    if (sensitivity !== 'case' && (accents !== 0 || sensitivity === 'accent')) return accents;
    return sign(capitalsLast(one), capitalsLast(other));
  }

  #letters(one, other) {
    if (!this.#options.numeric) return this.#characters(one, other);
    const [left, right] = [one.split(/(\d+)/), other.split(/(\d+)/)];
    for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
      const order = at % 2 === 1 ? Number(left[at]) - Number(right[at]) : this.#characters(left[at], right[at]);
      if (order !== 0) return Math.sign(order);
    }
    return Math.sign(left.length - right.length);
  }

  #characters(one, other) {
    const length = Math.min(one.length, other.length);
    for (let at = 0; at < length; at += 1) {
      if (one[at] !== other[at]) return Math.sign(rank(one[at]) - rank(other[at])) || sign(one[at], other[at]);
    }
    return Math.sign(one.length - other.length);
  }

  resolvedOptions() {
    return { locale: 'en-US', usage: 'sort', ignorePunctuation: false, collation: 'default', caseFirst: 'false', ...this.#options };
  }
}
