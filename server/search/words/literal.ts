import { fold } from "../../index/text/fold.ts";

/**
 * A text to find as it is, in one of its forms: as it was typed, and composed. `needles` are folded; `exact` is there
 * when case counts.
 */
export interface Literal {
  needles: readonly string[];
  exact?: readonly string[] | undefined;
}

/** A piece of a text, as indexes of UTF-16 units. */
interface Place {
  start: number;
  end: number;
}

/** Where one of the forms stands first; undefined when none does. */
export function findLiteral(text: string, { needles, exact }: Literal): Place | undefined {
  const searched = exact === undefined ? fold(text) : text;
  const places = (exact ?? needles)
    .map((form) => placeIn(searched, form))
    .filter((place) => place !== undefined);
  return places.sort((a, b) => a.start - b.start)[0];
}

function placeIn(text: string, form: string): Place | undefined {
  const start = text.indexOf(form);
  return start === -1 ? undefined : { start, end: start + form.length };
}
