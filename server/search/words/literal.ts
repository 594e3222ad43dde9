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
export function findLiteral(text: string, literal: Literal): Place | undefined {
  return literalFinder(text, literal)(0);
}

/** As `findLiteral`, from a place on, and again and again. */
export function literalFinder(
  text: string,
  { needles, exact }: Literal,
): (from: number) => Place | undefined {
  const searched = exact === undefined ? fold(text) : text;
  const forms = exact ?? needles;
  return (from) => {
    const places = forms.map((form) => placeIn(searched, form, from)).filter((place) => place !== undefined);
    return places.sort((a, b) => a.start - b.start)[0];
  };
}

function placeIn(text: string, form: string, from: number): Place | undefined {
  const start = text.indexOf(form, from);
  return start === -1 ? undefined : { start, end: start + form.length };
}
