import { isDeepStrictEqual } from "node:util";
import type { JsonPath, Plan, Reason } from "./edit.ts";
import { applyInsertions, withInsertion, type Insertion } from "./insertions.ts";
import { memberInsertions } from "./json-member.ts";
import { hitsOf } from "./json-hits.ts";
import { onLines } from "./json-style.ts";
import { isContainer, isJsonObject, membersNamed, valueOf } from "./json-value.ts";
import { parseJsonc, type Json, type JsonContainer, type JsonNode } from "./jsonc.ts";

/** One thing of ours in a JSON text. */
export interface JsonWant {
  /** Where the property stands, its own name last; of an element the array it is put into, behind all others. */
  readonly path: JsonPath;
  readonly at: "property" | "element";
  readonly value: Json;
  /** True for the value of such a property, or for the smallest value in such an element that is ours, whichever version of us wrote it. */
  isOurs(value: Json): boolean;
  /** True for one of ours that has to be written anew, such as one with a path that is no longer right. */
  isStale?(value: Json): boolean;
}

type Refusal = Extract<Plan, { state: "refused" }>;
/** How far a plan has come: the text with what is inserted so far. */
interface Draft {
  readonly text: string;
  readonly insertions: readonly Insertion[];
  readonly made: readonly JsonPath[];
}

/** What to insert into a JSON text so that all of `wants` are in it. Pure; nothing but insertions, and no more than needed. */
export function planJson(text: string, wants: readonly JsonWant[]): Plan {
  const { root, faults } = parseJsonc(text);
  const [fault] = faults;
  if (fault !== undefined) return refusal({ kind: "unreadable", why: `it is not JSON: ${fault}` }, wants);
  const missing = wants.filter((want) => root === undefined || hitsOf(root, want).length === 0);
  if (root !== undefined && wants.some((want) => hasStale(root, want))) return { state: "stale" };
  if (missing.length === 0) return { state: "already" };
  return planMissing(text, missing);
}

function planMissing(text: string, wants: readonly JsonWant[]): Plan {
  let draft: Draft = { ...withRoot(text), made: [] };
  for (const want of wants) {
    const next = withWant(draft, want);
    if ("state" in next) return { ...next, lines: linesOf(wants) };
    draft = next;
  }
  // What could be misread is not written.
  if (!isDeepStrictEqual(contentOf(draft.text), expected(text, wants)))
    return refusal({ kind: "unfit", why: "it would not hold what it should" }, wants);
  return { state: "insert", insertions: draft.insertions, made: draft.made };
}

/** A text that holds an object: `{}` is put into one that is empty, behind its comments if it has some. */
function withRoot(text: string): Omit<Draft, "made"> {
  const { root, comments } = parseJsonc(text);
  if (root !== undefined) return { text, insertions: [] };
  const last = comments.at(-1);
  const bom = text.startsWith("\uFEFF") ? 1 : 0;
  const offset = last === undefined ? bom : last.offset + last.length;
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const isEnded = text.slice(offset).includes("\n");
  const insertion = { offset, text: `${last === undefined ? "" : eol}{}${isEnded ? "" : eol}` };
  return { text: applyInsertions(text, [insertion]), insertions: [insertion] };
}

function withWant(draft: Draft, want: JsonWant): Draft | Refusal {
  const source = parseJsonc(draft.text);
  if (source.root === undefined) throw new Error("a draft holds an object");
  const names = want.at === "property" ? want.path.slice(0, -1) : want.path;
  const { node, depth } = deepest(source.root, names);
  if (!isFit(node, { want, isThere: depth === names.length }))
    return refusal({ kind: "unfit", why: unfitness(want, names, depth) }, []);
  const member = newMember(want, depth);
  if (member.name !== undefined && membersNamed(node, member.name).length > 0)
    return refusal({ kind: "taken", why: `${nameOf(want.path)} is there already, and it is not ours` }, []);
  const insertions = memberInsertions({ ...source, text: draft.text }, node, member);
  const made = names.slice(depth).map((_, index) => names.slice(0, depth + index + 1));
  return {
    text: applyInsertions(draft.text, insertions),
    insertions: composed(draft.insertions, insertions),
    made: [...draft.made, ...made],
  };
}

/** How far names lead: the last node there is, the last of equal keys counting. */
function deepest(root: JsonNode, names: JsonPath): { node: JsonNode; depth: number } {
  let node = root;
  for (const [depth, name] of names.entries()) {
    const next = membersNamed(node, name).at(-1);
    if (next === undefined) return { node, depth };
    node = next.value;
  }
  return { node, depth: names.length };
}

function isFit(
  node: JsonNode,
  { want, isThere }: { want: JsonWant; isThere: boolean },
): node is JsonContainer {
  return isContainer(node) && node.kind === (isThere && want.at === "element" ? "array" : "object");
}

/** What to put into the deepest container: ours, in whatever containers it needs around it. */
function newMember({ path, at, value }: JsonWant, depth: number): { name: string | undefined; value: Json } {
  const [name, ...inner] = path.slice(depth);
  if (name === undefined) return { name, value };
  const core: Json = at === "element" ? [value] : value;
  return { name, value: inner.reduceRight<Json>((held, key) => ({ [key]: held }), core) };
}

/** Insertions one after the other, as insertions into the first text. */
function composed(insertions: readonly Insertion[], more: readonly Insertion[]): readonly Insertion[] {
  let shift = 0;
  let all = insertions;
  for (const { offset, text } of more) {
    all = withInsertion(all, { offset: offset + shift, text });
    shift += text.length;
  }
  return all;
}

function hasStale(root: JsonNode, want: JsonWant): boolean {
  return hitsOf(root, want).some(({ value }) => want.isStale?.(valueOf(value)) ?? false);
}

function contentOf(text: string): Json | undefined {
  const { root } = parseJsonc(text);
  return root && valueOf(root);
}

/** What the text must hold afterwards, counted from values alone. */
function expected(text: string, wants: readonly JsonWant[]): Json {
  return wants.reduce<Json>((held, want) => put(held, want.path, want), contentOf(text) ?? {});
}

function put(held: Json | undefined, path: JsonPath, want: JsonWant): Json {
  const [name, ...inner] = path;
  if (name === undefined) return want.at === "property" ? want.value : [...listOf(held), want.value];
  const object = isJsonObject(held) ? held : {};
  const own = Object.hasOwn(object, name) ? object[name] : undefined;
  return { ...object, [name]: put(own, inner, want) };
}

function listOf(held: Json | undefined): Json[] {
  return Array.isArray(held) ? held : [];
}

function unfitness({ at }: JsonWant, names: JsonPath, depth: number): string {
  const isList = at === "element" && depth === names.length;
  return `${nameOf(names.slice(0, depth))} is not ${isList ? "a list" : "an object"}`;
}

function refusal({ kind, why }: Reason, wants: readonly JsonWant[]): Refusal {
  return { state: "refused", kind, why, lines: linesOf(wants) };
}

function linesOf(wants: readonly JsonWant[]): string[] {
  const value = wants.reduce<Json>((held, want) => put(held, want.path, want), {});
  return onLines(value, { unit: "  ", indent: "", eol: "\n" }).split("\n");
}

function nameOf(names: JsonPath): string {
  return names.length === 0 ? "what it holds" : `"${names.join(".")}"`;
}
