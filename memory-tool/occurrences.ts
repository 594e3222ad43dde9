/**
 * Where `find`, which is not empty, stands in `text`, overlapping places too. Source: Knuth, Morris and Pratt: linear, for
 * what models send may be long and full of repetitions, over which `indexOf` can take minutes.
 */
export function* occurrences(text: string, { find }: { find: string }): Generator<number> {
  const borders = bordersOf(find);
  let matched = 0;
  for (let at = 0; at < text.length; at += 1) {
    matched = extended(find, borders, { matched, code: text.charCodeAt(at) });
    if (matched === find.length) yield at + 1 - matched;
  }
}

/** Of each beginning of `find`, by its length: the longest shorter text that it both begins and ends with. */
function bordersOf(find: string): Int32Array {
  const borders = new Int32Array(find.length + 1);
  for (let length = 2; length <= find.length; length += 1)
    borders[length] = extended(find, borders, {
      matched: borders[length - 1] ?? 0,
      code: find.charCodeAt(length - 1),
    });
  return borders;
}

/** How much of `find` is matched with one more UTF-16 unit. */
function extended(find: string, borders: Int32Array, at: { matched: number; code: number }): number {
  let { matched } = at;
  // Behind the end of `find` stands NaN, which no unit is.
  while (matched > 0 && find.charCodeAt(matched) !== at.code) matched = borders[matched] ?? 0;
  return find.charCodeAt(matched) === at.code ? matched + 1 : matched;
}
