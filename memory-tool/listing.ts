import { LIMITS } from "../contract/limits.ts";
import type { MemoryEntry } from "./files.ts";
import { shownPath } from "./path.ts";
import { TEXTS } from "./texts.ts";

const { viewChars } = LIMITS.memories;
const UNITS = ["B", "K", "M", "G"];

/** What `view` shows of a folder, given everything up to two levels below it. */
export function listing(path: string, entries: readonly MemoryEntry[]): string {
  const shown = entries.filter((entry) => !isHidden(entry.path.slice(path.length)));
  const top = path === "" ? 1 : path.split("/").length + 1;
  const children = entries.filter((entry) => entry.path.split("/").length === top);
  const bytes = children.reduce((sum, child) => sum + child.bytes, 0);
  const rows = shown.map((entry) => row(entry, entry.kind === "folder" ? "/" : ""));
  return [TEXTS.folder(shownPath(path)), row({ path, bytes }, ""), ...fitting(rows)].join("\n");
}

/** In units of 1,024, with one decimal from 1.0K on. */
export function humanSize(bytes: number): string {
  let size = bytes;
  let unit = 0;
  // What would be rounded to 1024.0 is 1.0 of the next unit.
  while (size >= (unit === 0 ? 1024 : 1023.95) && unit < UNITS.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(1)}${UNITS[unit]}`;
}

function row({ path, bytes }: { path: string; bytes: number }, ending: "/" | ""): string {
  return `${humanSize(bytes)}\t${shownPath(path)}${ending}`;
}

function isHidden(below: string): boolean {
  return below.split("/").some((segment) => segment.startsWith(".") || segment === "node_modules");
}

/** As many rows as there is room for, and a remark if that is not all. */
function fitting(rows: readonly string[]): string[] {
  let chars = 0;
  const beyond = rows.findIndex((text) => {
    chars += text.length + 1;
    return chars > viewChars;
  });
  if (beyond === -1) return [...rows];
  return [...rows.slice(0, beyond), TEXTS.moreEntries({ shown: beyond, all: rows.length })];
}
