import { posix } from "node:path";

/** Path from the repository's root, with `/`, to the text of the file. */
export type Sources = ReadonlyMap<string, string>;

export interface Import {
  /** As it is written: `node:fs`, `zod`, `../disk/digest.ts`. */
  specifier: string;
  /** `type` imports vanish at run time; `lazy` ones happen only when their line runs (also a worker's URL). */
  kind: "static" | "type" | "lazy";
  /** The file of this repository that is meant, when it is one. */
  target: string | undefined;
}

const CLAUSE = String.raw`(?:[\w$]+\s*,?\s*)?(?:\*(?:\s+as\s+[\w$]+)?|\{[^}]*\})?\s*from\s*`;
/** The formatter puts every import and re-export at the beginning of a line, so neither strings nor comments look like one. */
const STATEMENT = new RegExp(
  `^(?:import|export)\\s+(type\\s+(?!from\\b))?(?:${CLAUSE})?["']([^"']+)["']`,
  "gm",
);
/** `import("…")` and `new URL("./…ts", import.meta.url)`, which names a worker. */
const LAZY = /\bimport\s*\(\s*["']([^"']+)["']|\bnew URL\(\s*["'](\.[^"']+\.ts)["']/g;
const COMPUTED = /\bimport\s*\((?!\s*["'])|\bcreateRequire\b|(?<![\w#.])require\s*\(/;
const COMMENT_LINE = /^\s*(?:\/\/|\/?\*).*$/gm;

/** Every import of a file, in the order of its kinds. */
export function importsOf(path: string, source: string): Import[] {
  const statements = [...source.matchAll(STATEMENT)].map(([, type, specifier = ""]) =>
    importFrom(path, specifier, type === undefined ? "static" : "type"),
  );
  const lazy = [...withoutCommentLines(source).matchAll(LAZY)].map(([, module, worker]) =>
    importFrom(path, module ?? worker ?? "", "lazy"),
  );
  return [...statements, ...lazy];
}

/** True when a file imports what only a run can tell. */
export function hasComputedImport(source: string): boolean {
  return COMPUTED.test(withoutCommentLines(source));
}

export function withoutCommentLines(source: string): string {
  return source.replace(COMMENT_LINE, "");
}

/** Every file that runs when `paths` are loaded, themselves included: type imports aside. */
export function loadedBy(paths: readonly string[], sources: Sources): Set<string> {
  const loaded = new Set(paths);
  for (const file of loaded) {
    for (const { kind, target } of importsOf(file, sources.get(file) ?? ""))
      if (kind !== "type" && target !== undefined) loaded.add(target);
  }
  return loaded;
}

/** Import loops, type imports included, each as the list of its files. */
export function cyclesOf(sources: Sources): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const walk = (path: string, way: readonly string[]): void => {
    const start = way.indexOf(path);
    if (start !== -1) cycles.push([...way.slice(start), path]);
    if (start !== -1 || done.has(path)) return;
    for (const { target } of importsOf(path, sources.get(path) ?? ""))
      if (target !== undefined) walk(target, [...way, path]);
    done.add(path);
  };
  for (const path of sources.keys()) walk(path, []);
  return cycles;
}

function importFrom(path: string, specifier: string, kind: Import["kind"]): Import {
  const isFile = specifier.startsWith(".");
  return { specifier, kind, target: isFile ? posix.join(posix.dirname(path), specifier) : undefined };
}
