/** One thing the redaction looks for. */
export interface Rule {
  /** What a receipt and the mark in the text call it. Holds nothing that another rule looks for. */
  readonly id: string;
  /** Literals one of which stands in every match; upper and lower case count the same here. */
  readonly anchors: readonly string[];
  /**
   * Sticky. Is tried where an anchor begins, or where `back` leads. With two groups the second is the secret and stands
   * right after the first; without groups all of the match is. A secret is of one line only, unless it is a key in PEM.
   */
  readonly pattern: RegExp;
  /** The pattern is tried behind the anchor instead. */
  readonly afterAnchor?: true;
  /** The match begins up to so many of these characters before its anchor. */
  readonly back?: { readonly chars: RegExp; readonly most: number };
  /** Sticky. What must stand where the pattern is tried, or the anchor begins, looked at first: saves looking back, and patterns that fail late. Rules of one anchor that share it have it looked at once. */
  readonly ahead?: RegExp;
  /** The match may begin in the middle of a word. */
  readonly inWord?: true;
  /** Only its surroundings give the secret away: a rule that knows it by itself names it better. */
  readonly weak?: true;
  /** The secret stands without quotes where its name may have some, as numbers in JSON do: the mark gets the name's. */
  readonly unquoted?: true;
  /** Where the secret ends whose first character the pattern's second group is, for what no pattern can tell. */
  readonly end?: (text: string, start: number, around: { before: string; lead: string }) => number;
  /** The last word on what matched. */
  readonly accepts?: (secret: string, around: Around) => boolean;
}

/** What stands around a possible secret. */
export interface Around {
  /** The last characters before the match. */
  readonly before: string;
  /** What of the match is not the secret. */
  readonly lead: string;
  /** The character after it; empty at the end. */
  readonly after: string;
}

/** A rule for secrets that are known by what they begin with. */
export function prefixed(id: string, anchors: readonly string[], pattern: RegExp): Rule {
  return { id, anchors, pattern, accepts: (secret) => !NOT_FILLED_IN.test(secret) };
}

/** `ghp_xxxxxxxx`, and the keys in Amazon's own documentation. */
export const NOT_FILLED_IN = /x{8}|X{8}|\*{3}|EXAMPLE$|(.)\1{11}/;
