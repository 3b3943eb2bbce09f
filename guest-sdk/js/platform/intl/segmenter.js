// Intl.Segmenter, by what makes the most difference: marks, flags and joined pictures stay together.

const PICTURE = '\\p{Extended_Pictographic}[\\p{M}\\p{Emoji_Modifier}]*';
const PATTERNS = {
  grapheme: `\\r\\n|\\p{RI}\\p{RI}|${PICTURE}(?:\\u200d${PICTURE})*|\\P{M}[\\p{M}\\u200d]*|\\p{M}+`,
  word: "[\\p{L}\\p{N}_][\\p{L}\\p{N}\\p{M}_]*(?:['’.][\\p{L}\\p{N}_]+)*|\\s+|[^\\p{L}\\p{N}_\\s]",
  sentence: '[^.!?]+[.!?]*\\s*|[.!?]+\\s*',
};

export class Segmenter {
  #granularity;

  constructor(locales, { granularity = 'grapheme' } = {}) {
    this.#granularity = granularity;
  }

  segment(input) {
    const granularity = this.#granularity;
    const pattern = new RegExp(PATTERNS[granularity], 'gu');
    const segments = function* () {
      for (const { 0: segment, index } of String(input).matchAll(pattern)) {
        yield { segment, index, input, ...(granularity === 'word' && { isWordLike: /[\p{L}\p{N}]/u.test(segment) }) };
      }
    };
    return {
      [Symbol.iterator]: segments,
      containing: (at = 0) => [...segments()].find(({ segment, index }) => at >= index && at < index + segment.length),
    };
  }

  resolvedOptions() {
    return { locale: 'en-US', granularity: this.#granularity };
  }
}
