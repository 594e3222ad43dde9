/** A text to put into another. `offset` counts UTF-16 units of the text as it was before any of them was put in. */
export interface Insertion {
  readonly offset: number;
  readonly text: string;
}

/** The text with all insertions, which are in the order of their offsets. */
export function applyInsertions(text: string, insertions: readonly Insertion[]): string {
  const pieces = insertions.map(({ offset, text: inserted }, index) => {
    return text.slice(insertions[index - 1]?.offset ?? 0, offset) + inserted;
  });
  return pieces.join("") + text.slice(insertions.at(-1)?.offset ?? 0);
}

/**
 * The insertions with one more, whose offset is one of the text that has the others already. Inside one of them, or
 * right beside it, it becomes a part of it.
 */
export function withInsertion(insertions: readonly Insertion[], more: Insertion): Insertion[] {
  const before: Insertion[] = [];
  let shift = 0;
  for (const [index, insertion] of insertions.entries()) {
    const start = insertion.offset + shift;
    const rest = insertions.slice(index + 1);
    if (more.offset < start) return [...before, { ...more, offset: more.offset - shift }, insertion, ...rest];
    const at = more.offset - start;
    if (at <= insertion.text.length) return [...before, grown(insertion, at, more.text), ...rest];
    before.push(insertion);
    shift += insertion.text.length;
  }
  return [...before, { ...more, offset: more.offset - shift }];
}

/** The inverse of `applyInsertions`, for a text that nobody changed since. */
export function removeInsertions(text: string, insertions: readonly Insertion[]): string {
  let rest = text;
  // From the front: then each stands where its offset, of the text without any, says.
  for (const { offset, text: inserted } of insertions)
    rest = rest.slice(0, offset) + rest.slice(offset + inserted.length);
  return rest;
}

/**
 * The text without the inserted texts, wherever they are now; undefined unless each is there exactly once. One that is too
 * short for that, such as a comma, is looked for where it stood in front of the next.
 */
export function removeEach(text: string, insertions: readonly Insertion[]): string | undefined {
  let rest = text;
  let next: { at: number; offset: number } | undefined;
  for (const { offset, text: inserted } of insertions.toReversed()) {
    const at = onlyPlaceOf(inserted, rest) ?? (next && next.at - (next.offset - offset) - inserted.length);
    if (at === undefined || at < 0 || !rest.startsWith(inserted, at)) return undefined;
    rest = rest.slice(0, at) + rest.slice(at + inserted.length);
    next = { at, offset };
  }
  return rest;
}

function onlyPlaceOf(inserted: string, text: string): number | undefined {
  const at = text.indexOf(inserted);
  return at === -1 || text.includes(inserted, at + 1) ? undefined : at;
}

function grown({ offset, text }: Insertion, at: number, more: string): Insertion {
  return { offset, text: text.slice(0, at) + more + text.slice(at) };
}
