import { isDeepStrictEqual } from "node:util";
import { parse, TomlError, type TomlTable, type TomlValue } from "smol-toml";
import type { Edit, Plan, Reason, Rest, Unreadable } from "./edit.ts";
import { applyInsertions } from "./insertions.ts";
import {
  blockInsertion,
  blocksIn,
  hasLines,
  haveSameLines,
  withoutLines,
  type Block,
  type FoundBlock,
} from "./text-block.ts";

const NO_TOML = "it is not TOML";

/** A block of TOML that begins with the header of its own table. */
export interface TomlBlock extends Block {
  /** Names of the table, from the root. */
  readonly path: readonly string[];
}

/** Ours in a TOML file. */
export function tomlEdit(block: TomlBlock): Edit {
  return {
    kind: "toml",
    plan: (text) => planToml(text, block),
    withoutOurs: (text) => withoutToml(text, block),
    agree: haveSameLines,
    isEmpty: (text) => text.trim() === "",
  };
}

/** What to append to a TOML file so that the table is in it. Pure; refused when the text would not then hold just what it held and ours. */
function planToml(text: string, block: TomlBlock): Plan {
  const before = tableOf(text);
  if (before === undefined) return refusal({ kind: "unreadable", why: NO_TOML }, block);
  const ours = tableOf(block.lines.join("\n"));
  if (ours === undefined) throw new Error("a block of ours is TOML");
  if (valueAt(before, block.path) !== undefined) return planPresent(text, block);
  const insertion = blockInsertion(text, block);
  // An inline table, say, cannot be added to from the outside.
  if (!isDeepStrictEqual(tableOf(applyInsertions(text, [insertion])), sum(before, ours)))
    return refusal(
      { kind: "unfit", why: `nothing can be added to its "${block.path.slice(0, -1).join(".")}"` },
      block,
    );
  return { state: "insert", insertions: [insertion], made: [] };
}

/** The text without our block, with whatever stands in it. Pure. */
function withoutToml(text: string, block: TomlBlock): Rest | "nothing" | Unreadable {
  const whole = tableOf(text);
  if (whole === undefined) return { unreadable: NO_TOML };
  const found = ourBlock(text, block);
  if (found !== undefined) return { text: withoutLines(text, found), shifted: [] };
  if (valueAt(whole, block.path) === undefined) return "nothing";
  const name = block.path.join(".");
  return { unreadable: hasMore(text, block) ? moreIn(name) : `"${name}" is there without the marks of ours` };
}

function planPresent(text: string, block: TomlBlock): Plan {
  const found = ourBlock(text, block);
  const name = block.path.join(".");
  if (found === undefined && hasMore(text, block))
    return refusal({ kind: "unreadable", why: moreIn(name) }, block);
  if (found === undefined)
    return refusal({ kind: "taken", why: `"${name}" is there already, and it is not ours` }, block);
  return { state: hasLines(found, block) ? "already" : "stale" };
}

/** The last block that is one: marks in a string of several lines are none, what is between them is no table of the file. */
function ourBlock(text: string, block: TomlBlock): FoundBlock | undefined {
  const whole = tableOf(text);
  return blocksIn(text, block.name).findLast((found) => {
    const [ours, rest] = [tableOf(found.lines.join("\n")), tableOf(withoutLines(text, found))];
    if (whole === undefined || ours === undefined || rest === undefined) return false;
    return valueAt(ours, block.path) !== undefined && isDeepStrictEqual(sum(rest, ours), whole);
  });
}

/** True where ours stands between its marks, but not alone: settings that are appended to a file fall to its last table. */
function hasMore(text: string, block: TomlBlock): boolean {
  return blocksIn(text, block.name).some(({ lines }) => {
    const ours = tableOf(lines.join("\n"));
    return ours !== undefined && valueAt(ours, block.path) !== undefined;
  });
}

function moreIn(name: string): string {
  return `"${name}" holds more than ours: what stands behind our marks falls to it, up to the next [table]`;
}

/** Undefined for a text that is no TOML. */
function tableOf(text: string): TomlTable | undefined {
  try {
    return parse(text.replace(/^\uFEFF/, ""), { integersAsBigInt: "asNeeded" });
  } catch (error) {
    if (error instanceof TomlError || error instanceof RangeError) return undefined;
    throw error;
  }
}

function valueAt(table: TomlTable, path: readonly string[]): TomlValue | undefined {
  return path.reduce<TomlValue | undefined>((held, name) => {
    return isTable(held) && Object.hasOwn(held, name) ? held[name] : undefined;
  }, table);
}

/** Both tables in one; the tables in them likewise. Without a prototype, as the parser makes them. */
function sum(one: TomlTable, other: TomlTable): TomlTable {
  const all: TomlTable = Object.assign(Object.create(null), one);
  for (const [name, value] of Object.entries(other)) {
    const held = Object.hasOwn(one, name) ? one[name] : undefined;
    all[name] = isTable(held) && isTable(value) ? sum(held, value) : value;
  }
  return all;
}

function isTable(value: TomlValue | undefined): value is TomlTable {
  return typeof value === "object" && !Array.isArray(value) && !(value instanceof Date);
}

function refusal({ kind, why }: Reason, { lines }: Block): Plan {
  return { state: "refused", kind, why, lines };
}
