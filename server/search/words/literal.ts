import { fold } from "../../index/text/fold.ts";

/** A text to find as it is; `needle` is folded, `exact` is there when case counts. */
export interface Literal {
  needle: string;
  exact?: string | undefined;
}

/** Where the text stands first, as an index of a UTF-16 unit; -1 when it does not. */
export function findLiteral(text: string, { needle, exact }: Literal): number {
  return exact === undefined ? fold(text).indexOf(needle) : text.indexOf(exact);
}
