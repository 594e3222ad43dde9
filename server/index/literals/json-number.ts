/** As JSON writes it. */
const LONGEST_NUMBER = 23;

/**
 * Whether characters in a row, each given as all those it can be, may be a part of a number in a tool's input. That is
 * written anew when it is read: `1e3` is `1000` then.
 */
export function mayBeNumber(characters: readonly string[]): boolean {
  return characters.length <= LONGEST_NUMBER && characters.every((each) => /[-0-9e]/.test(each));
}
