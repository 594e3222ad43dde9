import { posix } from "node:path";
import { AT_ONCE, THREADS, HOME_OF, MAY_COMPUTE_IMPORTS, MAY_IMPORT, MAY_READ_ENV } from "./arrows.ts";
import {
  cyclesOf,
  hasComputedImport,
  importsOf,
  loadedBy,
  withoutCommentLines,
  type Import,
  type Sources,
} from "./imports.ts";

const ENV =
  /\bprocess\s*(?:\?\.|\.)\s*env\b|\bprocess\[|\{[^}]*\benv\b[^}]*\}\s*(?:from\s*["']node:process["']|=\s*process\b)/;

/** What Node 24 has and Node 20, on which the client and the proxy must run, has not. */
const TOO_NEW =
  /\b(?:(?:Async)?DisposableStack|Promise\.(?:withResolvers|try)|Array\.fromAsync|Iterator\.from|RegExp\.escape|globSync|styleText)\b/;

/** Every broken rule as one sentence; none for a sound tree. Pure: it sees only `sources`. */
export function violationsOf(sources: Sources): string[] {
  const arrows = [...sources].flatMap(([path, source]) =>
    importsOf(path, source).flatMap((found) => faultOf(path, found, sources) ?? []),
  );
  const files = [...sources].flatMap(([path, source]) => sourceFaults(path, source));
  const cycles = cyclesOf(sources).map((cycle) => `import cycle: ${cycle.join(" → ")}`);
  return [
    ...arrows,
    ...files,
    ...cycles,
    ...packageFaults("the hook path", AT_ONCE, sources),
    ...packageFaults("a thread", THREADS, sources),
    ...agedNodeFaults(sources),
  ];
}

function faultOf(path: string, { specifier, target }: Import, sources: Sources): string | undefined {
  if (target === undefined) return packageFault(path, specifier);
  if (target.endsWith(".json")) return undefined;
  if (!sources.has(target)) return `${path} imports ${target}, which is not a source file`;
  const row = rowOf(path);
  const arrows = MAY_IMPORT[row];
  if (arrows === undefined || row === rowOf(target) || isIn(target, arrows)) return undefined;
  return `${path} may not import ${target}: no arrow from ${row}`;
}

function packageFault(path: string, specifier: string): string | undefined {
  const name = packageName(specifier);
  if (isIn(path, ["contract"]) && name !== "zod")
    return `${path} may import nothing but zod, not ${specifier}`;
  const homes = HOME_OF[name] ?? HOME_OF[name.replace(/\/.*$/, "/*")];
  if (homes === undefined)
    return name.startsWith("node:") ? undefined : `${path} imports ${name}, which has no home`;
  return isIn(path, homes) ? undefined : `${path} imports ${name} outside its home`;
}

function sourceFaults(path: string, source: string): string[] {
  const faults: string[] = [];
  if (MAY_IMPORT[rowOf(path)] === undefined) faults.push(`${path} is in a folder without a row`);
  if (hasComputedImport(source) && !isIn(path, MAY_COMPUTE_IMPORTS))
    faults.push(`${path} imports what only a run can tell`);
  if (ENV.test(withoutCommentLines(source)) && !isIn(path, MAY_READ_ENV))
    faults.push(`${path} reads process.env`);
  return faults;
}

/** No package may come along: a hook ends at once, and a thread would hold a copy of its own in memory. */
function packageFaults(what: string, folders: readonly string[], sources: Sources): string[] {
  const first = [...sources.keys()].filter((path) => isIn(path, folders));
  return [...loadedBy(first, sources)].flatMap((path) =>
    importsOf(path, sources.get(path) ?? "")
      .filter(
        ({ kind, target, specifier }) =>
          kind !== "type" && target === undefined && !specifier.startsWith("node:"),
      )
      .map(({ specifier }) => `${what} loads ${specifier} through ${path}`),
  );
}

function agedNodeFaults(sources: Sources): string[] {
  const first = [...sources.keys()].filter((path) => isIn(path, ["client", "proxy"]));
  return [...loadedBy(first, sources)].flatMap((path) => {
    const [name] = TOO_NEW.exec(withoutCommentLines(sources.get(path) ?? "")) ?? [];
    return name === undefined ? [] : [`${path} runs in the client or the proxy, but Node 20 has no ${name}`];
  });
}

/**
 * The row of a file: its own, else that of the nearest folder above that has one. Where folders of a folder have rows, its
 * own row is for the files directly in it: a new folder beside them wants a row too.
 */
function rowOf(path: string): string {
  const folder = posix.dirname(path);
  const row = placesAbove(path).find((place) => MAY_IMPORT[place] !== undefined) ?? folder;
  const isParted = Object.keys(MAY_IMPORT).some((place) => place.startsWith(`${row}/`));
  return isParted && row !== path ? folder : row;
}

/** The path, and every folder above it, the nearest first. */
function placesAbove(path: string): string[] {
  const parts = path.split("/");
  return parts.map((_, index) => parts.slice(0, parts.length - index).join("/"));
}

function isIn(path: string, places: readonly string[]): boolean {
  return places.some((place) => path === place || path.startsWith(`${place}/`));
}

/** `zod/v4` → `zod`, `@scope/name/part` → `@scope/name`, `node:fs/promises` → `node:fs`. */
function packageName(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
