import type { JsonPath, Rest, Unreadable } from "./edit.ts";
import { hitsOf, type Hit, type JsonMark, type Step } from "./json-hits.ts";
import { nodesAt } from "./json-value.ts";
import { endOf, parseJsonc, type JsonNode, type JsonText } from "./jsonc.ts";

interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * The text without anything of ours, whatever others did to it since, each entry taken out with one comma. `made` are
 * containers that we made: they go when nothing is left in them.
 */
export function withoutJson(
  text: string,
  marks: readonly JsonMark[],
  made: readonly JsonPath[],
): Rest | "nothing" | Unreadable {
  const { root, faults } = parseJsonc(text);
  const [fault] = faults;
  if (fault !== undefined) return { unreadable: `it is not JSON: ${fault}` };
  if (root === undefined || !marks.some((mark) => hitsOf(root, mark).length > 0)) return "nothing";
  const shifted = marks.filter((mark) => standsBeforeOthers(root, mark)).map(({ path }) => path.join("."));
  const rest = repeat(text, (held) => withoutFirst(held, marks));
  const deepestFirst = made.toSorted((one, other) => other.length - one.length);
  return { text: repeat(rest, (held) => withoutEmpty(held, deepestFirst)), shifted };
}

function repeat(text: string, step: (text: string) => string | undefined): string {
  for (let held = text; ;) {
    const next = step(held);
    if (next === undefined) return held;
    held = next;
  }
}

function withoutFirst(text: string, marks: readonly JsonMark[]): string | undefined {
  const parsed = parseJsonc(text);
  const { root } = parsed;
  if (root === undefined) return undefined;
  const [hit] = marks.flatMap((mark) => hitsOf(root, mark));
  return hit && withoutMember(text, parsed, wholeOf(hit));
}

/** A list that would be left empty goes with the object that holds it: a group without a command does nothing. */
function wholeOf({ steps }: Hit): Step {
  let at = steps.length - 1;
  while (at >= 2 && steps[at]?.container.kind === "array" && steps[at]?.container.members.length === 1)
    at -= 2;
  const step = steps[at];
  if (step === undefined) throw new Error("a hit is a member of something");
  return step;
}

function withoutEmpty(text: string, made: readonly JsonPath[]): string | undefined {
  const parsed = parseJsonc(text);
  for (const path of made) {
    const step = emptyAt(parsed, path);
    if (step !== undefined) return withoutMember(text, parsed, step);
  }
  return undefined;
}

function emptyAt({ root, comments }: JsonText, path: JsonPath): Step | undefined {
  if (root === undefined) return undefined;
  const steps = nodesAt(root, path.slice(0, -1)).flatMap((container) =>
    container.kind === "object" ? container.members.map((member) => ({ container, member })) : [],
  );
  return steps.find(({ member: { name, value } }) => {
    const isEmpty = value.kind !== "scalar" && value.members.length === 0;
    const end = value.offset + value.length;
    return (
      name === path.at(-1) && isEmpty && !comments.some(({ offset }) => offset > value.offset && offset < end)
    );
  });
}

/** Without the member, the blanks before it, and the comma behind it; the last one takes the comma before it along. */
function withoutMember(text: string, parsed: JsonText, { container, member }: Step): string {
  const alone = aloneIn(text, { container, member });
  if (alone !== undefined) return without(text, [alone]);
  const before = container.members[container.members.indexOf(member) - 1];
  const own = { from: blanksBefore(text, member.offset), to: endOf(member) };
  const comma = member.comma ?? before?.comma;
  const spans = comma === undefined ? [own] : [own, { from: comma, to: comma + 1 }];
  return without(
    text,
    spans.map((span) => (span === own ? keepBreak(text, parsed, { own, comma }) : span)),
  );
}

/** All between the brackets, where nothing but the member is there. */
function aloneIn(text: string, { container, member }: Step): Span | undefined {
  const span = { from: container.offset + 1, to: container.offset + container.length - 1 };
  const around = text.slice(span.from, member.offset) + text.slice(endOf(member), span.to);
  return /^[\s,]*$/.test(around) ? span : undefined;
}

/** Behind a comment that ends with its line the line break stays, unless another one follows. */
function keepBreak(
  text: string,
  { comments }: JsonText,
  { own, comma }: { own: Span; comma: number | undefined },
): Span {
  const isAfterComment = comments.some(
    ({ offset, length }) => offset + length === own.from && text.startsWith("//", offset),
  );
  const end = comma === undefined ? own.to : Math.max(own.to, comma + 1);
  if (!isAfterComment || /^[ \t]*\r?\n/.test(text.slice(end))) return own;
  return { from: own.from + (/^[ \t]*\r?\n/.exec(text.slice(own.from))?.[0].length ?? 0), to: own.to };
}

function without(text: string, spans: readonly Span[]): string {
  const lastFirst = spans.toSorted((one, other) => other.from - one.from);
  return lastFirst.reduce((rest, { from, to }) => rest.slice(0, from) + rest.slice(to), text);
}

function blanksBefore(text: string, offset: number): number {
  return offset - (/[ \t\r\n]*$/.exec(text.slice(Math.max(0, offset - 1000), offset))?.[0].length ?? 0);
}

function standsBeforeOthers(root: JsonNode, mark: JsonMark): boolean {
  if (mark.at === "property") return false;
  const hits = hitsOf(root, mark);
  return hits.some(({ steps: [first] }) => {
    const last = first?.container.members.at(-1);
    return last !== undefined && !hits.some(({ steps }) => steps[0]?.member === last);
  });
}
