import { endOf, type Json, type JsonContainer, type JsonText } from "./jsonc.ts";
import { withInsertion, type Insertion } from "./insertions.ts";
import { eolOf, indentAt, isOneLine, isSpaced, onLines, onOneLine, unitOf } from "./json-style.ts";

/** A property, or an element where there is no name. */
interface NewMember {
  readonly name: string | undefined;
  readonly value: Json;
}

/** A text and what stands where in it. */
interface Source extends JsonText {
  readonly text: string;
}

/**
 * How to put a member behind the last one of a container, laid out as the text is. A comment stays behind the value that it
 * stands behind, a comma behind the last member stays the custom.
 */
export function memberInsertions(source: Source, into: JsonContainer, member: NewMember): Insertion[] {
  const isInline = isOneLine(source.text, into) && (into.members.length > 0 || isPartOfLine(source, into));
  if (into.members.length === 0)
    return [isInline ? inlineFirst(source, into, member) : first(source, into, member)];
  return isInline ? [inlineNext(source, into, member)] : next(source, into, member);
}

/** An empty container in a text of one line is part of that line; one that is the whole text is not. */
function isPartOfLine({ text, root }: Source, into: JsonContainer): boolean {
  return root !== undefined && root.offset !== into.offset && isOneLine(text, root);
}

function inlineFirst(source: Source, into: JsonContainer, member: NewMember): Insertion {
  return { offset: into.offset + into.length - 1, text: inlineText(source, member) };
}

function first(source: Source, into: JsonContainer, member: NewMember): Insertion {
  const { text, root } = source;
  const [close, eol] = [into.offset + into.length - 1, eolOf(text)];
  const offset = endOfComments(source, { from: into.offset + 1, to: close });
  const outer = indentAt(text, into.offset);
  const indent = outer + unitOf(text, root ?? into);
  const after = text.slice(offset, close).includes("\n") ? "" : eol + outer;
  return { offset, text: `${eol}${indent}${lines(source, member, indent)}${after}` };
}

function inlineNext(source: Source, into: JsonContainer, member: NewMember): Insertion {
  const last = into.members.at(-1);
  if (last === undefined) throw new Error("a container without members has no next one");
  const blank = isSpaced(source.text, source.root ?? into) ? " " : "";
  const text = inlineText(source, member);
  if (last.comma === undefined) return { offset: endOf(last), text: `,${blank}${text}` };
  return { offset: last.comma + 1, text: `${blank}${text},` };
}

function next(source: Source, into: JsonContainer, member: NewMember): Insertion[] {
  const last = into.members.at(-1);
  if (last === undefined) throw new Error("a container without members has no next one");
  const indent = indentOfMembers(source, into);
  const text = `${eolOf(source.text)}${indent}${lines(source, member, indent)}`;
  const offset = endOfLineComments(source, last.comma === undefined ? endOf(last) : last.comma + 1);
  if (last.comma !== undefined) return [{ offset, text: `${text},` }];
  return withInsertion([{ offset: endOf(last), text: "," }], { offset: offset + 1, text });
}

/** As the last member that begins its line; where none does, one step deeper than the container. */
function indentOfMembers({ text, root }: Source, into: JsonContainer): string {
  const lined = into.members.findLast(({ offset }) => {
    const start = text.lastIndexOf("\n", offset - 1) + 1;
    return start > into.offset && text.slice(start, offset).trim() === "";
  });
  if (lined !== undefined) return indentAt(text, lined.offset);
  return indentAt(text, into.offset) + unitOf(text, root ?? into);
}

function lines({ text, root }: Source, { name, value }: NewMember, indent: string): string {
  const unit = root === undefined ? undefined : unitOf(text, root);
  const written = onLines(value, { unit: unit ?? "  ", indent, eol: eolOf(text) });
  return name === undefined ? written : `${JSON.stringify(name)}: ${written}`;
}

function inlineText({ text, root }: Source, { name, value }: NewMember): string {
  const style = { isSpaced: root === undefined || isSpaced(text, root) };
  const written = onOneLine(value, style);
  if (name === undefined) return written;
  return `${JSON.stringify(name)}:${style.isSpaced ? " " : ""}${written}`;
}

/** Behind the last comment of an empty container: what it says is said of the container. */
function endOfComments({ comments }: Source, { from, to }: { from: number; to: number }): number {
  const last = comments.findLast(({ offset }) => offset >= from && offset < to);
  return last === undefined ? from : last.offset + last.length;
}

/** Behind the comments that follow on the same line and end on it. */
function endOfLineComments({ text, comments }: Source, from: number): number {
  let end = from;
  for (const { offset, length } of comments) {
    if (offset < end) continue;
    if (/[^ \t]/.test(text.slice(end, offset)) || text.slice(offset, offset + length).includes("\n")) break;
    end = offset + length;
  }
  return end;
}
