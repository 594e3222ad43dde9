import { fieldBefore, queryFault, type QueryField } from "./query-fields.ts";
import { maskSecrets } from "./secrets.ts";

/** A piece of a query: a word as it was typed, a phrase in quotes, or the value of a field. */
export type QueryPart = PartText & ({ kind: "word" | "phrase" } | { kind: "field"; field: QueryField });

interface PartText {
  /** It was typed with one `-` in front. */
  isNegated: boolean;
  /** What was typed, without dash, field and quotes. */
  text: string;
  /** How many characters of the query it takes. */
  length: number;
}

/** The pieces of a query, in their order. Throws `invalid_input` for a quote that has no end and a field that is misspelt. */
export function partsOfQuery(query: string): QueryPart[] {
  const parts: QueryPart[] = [];
  for (let rest = query.trimStart(); rest !== "";) {
    const part = firstPart(rest);
    parts.push(part);
    rest = rest.slice(part.length).trimStart();
  }
  return parts;
}

const HEAD = /^(-?)(?:([a-z]{1,20}):)?/i;
/** A quote and what may end it. */
const QUOTES: Record<string, RegExp> = { '"': /"/, "“": /”/, "„": /[“”]/ };

/** Dash, field and quote mean something at the beginning of a word only: people paste code and messages. */
function firstPart(rest: string): QueryPart {
  const [head = "", dash, name] = HEAD.exec(rest) ?? [];
  const isNegated = dash === "-";
  const body = rest.slice(head.length);
  const field = name === undefined ? undefined : fieldBefore(name, body);
  if (name !== undefined && field === undefined) return wordAt(rest, { isNegated });
  const quoted = quotedAt(body);
  if (field === undefined && quoted === undefined) return wordAt(rest, { isNegated });
  const { text, length } = quoted ?? wordAt(body, { isNegated: false });
  const place = { isNegated, text, length: head.length + length };
  return field === undefined ? { kind: "phrase", ...place } : { kind: "field", field, ...place };
}

function wordAt(rest: string, { isNegated }: { isNegated: boolean }): QueryPart {
  const end = rest.search(/\s/);
  const typed = end === -1 ? rest : rest.slice(0, end);
  return { kind: "word", isNegated, text: isNegated ? typed.slice(1) : typed, length: typed.length };
}

/** What stands in the quotes with which this begins, blanks as one; undefined when it begins with something else. */
function quotedAt(body: string): { text: string; length: number } | undefined {
  const end = QUOTES[body.charAt(0)];
  if (end === undefined) return undefined;
  const length = body.slice(1).search(end);
  if (length === -1)
    throw queryFault(`the quote before ${beginning(body.slice(1))} has no end: close it or take it away`);
  const text = body
    .slice(1, length + 1)
    .replaceAll(/\s+/g, " ")
    .trim();
  if (text === "") throw queryFault("there is nothing between the quotes: fill them or take them away");
  return { text, length: length + 2 };
}

const SHOWN_CHARS = 20;

function beginning(text: string): string {
  // A part of a secret would not be known as one any more.
  const [word = ""] = maskSecrets(text).trimStart().slice(0, SHOWN_CHARS).split(/\s/, 1);
  return word === "" ? "the end" : `"${word}"`;
}
