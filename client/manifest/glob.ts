import { LIMITS } from "../../contract/limits.ts";

/** What a regular expression with the flag `u` lets a backslash stand before, also inside a class. */
const SYNTAX = /[\^$\\.*+?()[\]{}|/]/g;
/** A class at the beginning of a text: `[a-z]`, `[!a-z]`, `[]x]`. It holds at least one character, and no slash. */
const CLASS = /^\[(!?)(\]?[^\]/]*)\]/;

/**
 * The paths a glob pattern means, as a test on `/`-separated relative paths. `*` and `?` stay inside one name,
 * `**` as a whole segment spans folders (and none), `[a-z]` and `[!a-z]` are classes, `{a,b}` alternatives. Names
 * that begin with a dot match only where the pattern writes the dot. Every text is a glob: what cannot mean
 * anything matches nothing, or itself.
 */
export function compileGlob(glob: string): (path: string) => boolean {
  const segments = segmentsOf(glob);
  let source = "";
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1;
    if (segment === "**") source += last ? "(?!\\.)[^/]+(?:/(?!\\.)[^/]+)*" : "(?:(?!\\.)[^/]+/)*";
    else source += `${segmentSource(segment)}${last ? "" : "/"}`;
  }
  const expression = new RegExp(`^${source}$`, "u");
  return (path) => expression.test(path);
}

/** What somebody who wrote this glob got wrong; undefined for a good one. */
export function globFault(glob: string): string | undefined {
  if (glob.length > LIMITS.client.globChars) return `longer than ${LIMITS.client.globChars} characters`;
  for (const segment of segmentsOf(glob))
    for (let index = 0; index < segment.length; index += 1) {
      const found = classAt(segment, index);
      const backwards = found?.ranges.find(isBackwards);
      if (backwards !== undefined) return `the range "${backwards.join("-")}" ends before it begins`;
      if (found !== undefined) index += found.length - 1;
    }
  return undefined;
}

function segmentsOf(glob: string): string[] {
  return glob.replace(/^(?:\.?\/)+/, "").split("/");
}

function segmentSource(segment: string): string {
  const dotted = segment.startsWith(".") ? "" : "(?!\\.)";
  let source = "";
  let depth = 0;
  for (let index = 0; index < segment.length; index += 1) {
    const char = segment.charAt(index);
    const found = classAt(segment, index);
    if (found !== undefined) {
      source += classSource(found);
      index += found.length - 1;
    } else if (char === "*") source += "[^/]*";
    else if (char === "?") source += "[^/]";
    else if (char === "{" && segment.includes("}", index)) {
      source += "(?:";
      depth += 1;
    } else if (char === "," && depth > 0) source += "|";
    else if (char === "}" && depth > 0) {
      source += ")";
      depth -= 1;
    } else source += escaped(char);
  }
  return `${dotted}${source}${")".repeat(depth)}`;
}

type Range = readonly [first: string, last: string];

interface CharacterClass {
  negated: boolean;
  /** A single character is a range from itself to itself. */
  ranges: Range[];
  /** Of the class in the glob, brackets included. */
  length: number;
}

function classAt(segment: string, index: number): CharacterClass | undefined {
  if (segment.charAt(index) !== "[") return undefined;
  const [whole = "", not = "", body = ""] = CLASS.exec(segment.slice(index)) ?? [];
  if (body === "") return undefined;
  const ranges = Array.from(body.matchAll(/(.)-(.)|(.)/gsu), ([, first, last, single]): Range => {
    return [first ?? single ?? "", last ?? single ?? ""];
  });
  return { negated: not !== "", ranges, length: whole.length };
}

/** An empty class is legal in a regular expression and matches nothing, as a range that ends before it begins does. */
function classSource({ negated, ranges }: CharacterClass): string {
  const body = ranges
    .filter((range) => !isBackwards(range))
    .map((range) => range.map(escapedInClass).join("-"))
    .join("");
  return negated ? `[^/${body}]` : `[${body}]`;
}

function isBackwards([first, last]: Range): boolean {
  return (first.codePointAt(0) ?? 0) > (last.codePointAt(0) ?? 0);
}

function escaped(char: string): string {
  return char.replace(SYNTAX, "\\$&");
}

function escapedInClass(char: string): string {
  return char === "-" ? "\\-" : escaped(char);
}
