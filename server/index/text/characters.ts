/** What a character is to words: `upper` is A to Z, `run` of a script without spaces, `other` what else words are made of. */
export const KIND = { none: 0, upper: 1, run: 2, other: 3 } as const;
type Kind = (typeof KIND)[keyof typeof KIND];

/** Scripts without spaces or, as Korean, with endings grown onto their words. */
const SCRIPTS = ["Han", "Hiragana", "Katakana", "Hangul", "Thai", "Lao", "Khmer", "Myanmar"];
/** A character of such a script, for regular expressions with the flag `u`. */
export const RUN_CLASS = `[${SCRIPTS.map((script) => `\\p{Script=${script}}`).join("")}ー々]`;
/** A character that words are made of, for regular expressions with the flag `u`. */
export const WORD_CLASS = String.raw`[\p{L}\p{M}\p{N}]`;

const RUN = new RegExp(RUN_CLASS, "u");
const WORD = new RegExp(WORD_CLASS, "u");
const UPPER = /[A-Z]/;

const UNITS = 0x10000;
const SURROGATES = { first: 0xd800, second: 0xdc00, end: 0xe000 };
const PAIR = 4;
const KINDS = Uint8Array.from({ length: UNITS }, (_, unit) =>
  unit >= SURROGATES.first && unit < SURROGATES.end ? PAIR : kindOf(String.fromCharCode(unit)),
);

/** The kind of one UTF-16 unit: `none` for what divides words and beyond the text. Both halves of a pair are of their character's kind. */
export function kindAt(text: string, index: number): number {
  const kind = KINDS[text.charCodeAt(index)] ?? KIND.none;
  return kind === PAIR ? kindOfPair(text, index) : kind;
}

function kindOfPair(text: string, index: number): Kind {
  const isSecond = text.charCodeAt(index) >= SURROGATES.second;
  const point = text.codePointAt(isSecond ? index - 1 : index) ?? 0;
  return point < UNITS ? KIND.none : kindOf(String.fromCodePoint(point));
}

function kindOf(character: string): Kind {
  if (RUN.test(character)) return KIND.run;
  if (!WORD.test(character)) return KIND.none;
  return UPPER.test(character) ? KIND.upper : KIND.other;
}
