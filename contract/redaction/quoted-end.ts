const OPENING = /(\\{0,15})(["'`])$|(%22|&quot;)$/;
const SLASHES = /\\+/y;
/** Signs of a value that need no look; a blank is one, a line end is none. */
const PLAIN = /(?:[\t -!#-&(-[\]-_a-\uffff])+/y;
const SIGN = /u00(?:26|3[CcEe])|\//y;
const WORD = /[\w!#$%&*@.-]/;

/**
 * Where a value ends whose opening quote ends `lead`: at its closing quote, past quotes and backslashes that are escaped
 * in it, however many backslashes its own quotes have; at the latest where its line does, or the text around it.
 */
export function quotedEnd(text: string, start: number, lead: string): number {
  const [, slashes = "", quote = "", coded] = OPENING.exec(lead) ?? [];
  if (coded !== undefined) return codedEnd(text, start, coded);
  for (let at = start; ;) {
    at = past(PLAIN, text, at);
    const run = past(SLASHES, text, at) - at;
    const next = text.charAt(at + run);
    const taken = /["'`]/.test(next)
      ? atQuote(run, { own: slashes.length, isSame: next === quote, isInWord: isInWord(text, at) })
      : atSign(run, { own: slashes.length, next, isSign: past(SIGN, text, at + run) > at + run });
    at += taken.signs;
    if (taken.isEnd) return at;
  }
}

interface Taken {
  signs: number;
  isEnd: boolean;
}

/** A quote behind so many backslashes. */
function atQuote(run: number, seen: { own: number; isSame: boolean; isInWord: boolean }): Taken {
  const { own, isSame, isInWord: isApostrophe } = seen;
  if (!isSame) return run === 0 && isApostrophe ? { signs: 1, isEnd: false } : { signs: 0, isEnd: true };
  const within = Math.floor(run / (own + 1));
  if (run < own || run - within * (own + 1) !== own) return { signs: 0, isEnd: true };
  // An even number of backslashes are backslashes themselves, and the quote is the closing one.
  return within % 2 === 0 ? { signs: within * (own + 1), isEnd: true } : { signs: run + 1, isEnd: false };
}

/** Something else behind so many backslashes; without any it ends a line, or the text. */
function atSign(run: number, seen: { own: number; next: string; isSign: boolean }): Taken {
  const { own, next, isSign } = seen;
  if (run === 0 || next === "") return { signs: 0, isEnd: true };
  if (isSign) return { signs: run, isEnd: false };
  const within = Math.floor(run / (own + 1));
  if (run % (own + 1) !== 0) return { signs: within * (own + 1), isEnd: true };
  const isEscape = within % 2 === 1 && /[nrtbfu]/.test(next);
  return isEscape ? { signs: run - own - 1, isEnd: true } : { signs: run, isEnd: false };
}

/** An apostrophe, not a quote. */
function isInWord(text: string, at: number): boolean {
  return WORD.test(text.charAt(at - 1)) && /\w/.test(text.charAt(at + 1)) && text.charAt(at) === "'";
}

function codedEnd(text: string, start: number, coded: string): number {
  const line = past(PLAIN, text, start);
  const end = text.indexOf(coded, start);
  return end < 0 || end > line ? line : end;
}

function past(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
