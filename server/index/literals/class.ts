import { fold } from "../text/fold.ts";

/** Of larger classes nothing is told: they would make many literals out of one. */
const MOST_MEMBERS = 4;

interface Class {
  /** The index behind it. */
  end: number;
  /** What stands between its brackets. */
  body: string;
  /** Folded, when they are few and written one by one. */
  members: string[] | undefined;
}

/** The class that begins behind the `[` at `start - 1`. Undefined for one without an end. */
export function readClass(source: string, start: number): Class | undefined {
  const end = endOf(source, start);
  if (end === undefined) return undefined;
  const body = source.slice(start, end - 1);
  // Ranges, classes in classes, escapes and what joins classes: none of them is worth understanding here.
  if (/^\^|[\\[&~-]/.test(body)) return { end, body, members: undefined };
  const members = [...new Set(Array.from(fold(body)))];
  return { end, body, members: members.length <= MOST_MEMBERS ? members : undefined };
}

/** The index behind the `]` of the class. A `]` right at the beginning is a member; a `[` begins a class inside. */
function endOf(source: string, start: number): number | undefined {
  let at = source[start] === "^" ? start + 1 : start;
  if (source[at] === "]") at += 1;
  for (; at < source.length; at += 1) {
    const sign = source[at];
    if (sign === "]") return at + 1;
    if (sign === "\\") at += 1;
    if (sign !== "[") continue;
    const inner = endOf(source, at + 1);
    if (inner === undefined) return undefined;
    at = inner - 1;
  }
  return undefined;
}
