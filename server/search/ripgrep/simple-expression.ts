/** A character that means itself, an escaped sign, or a class of letters and digits; then how often it stands there. */
const SIMPLE =
  /^(?:\(\?i\))?(?:(?:[\w ,:;=@%'"<>~!/-]|\\[.*+?()[\]{}|^$\\]|\[(?:a-z|A-Z|0-9|\w)+\])(?:[?*+]|\{\d{1,2},?\})?\??)*$/;
/** An automaton of so many characters is far from too large. */
const MOST_CHARACTERS = 1000;

/** True for a regular expression so simple that ripgrep cannot refuse it: it need not be asked. */
export function isSimpleExpression(source: string): boolean {
  if (!SIMPLE.test(source)) return false;
  const repeats = Array.from(source.matchAll(/\{(\d+)/g), ([, times]) => Number(times));
  return repeats.reduce((sum, times) => sum + times, source.length) <= MOST_CHARACTERS;
}
