import {
  cyclesOf,
  hasComputedImport,
  importsOf,
  loadedBy,
  withoutCommentLines,
  type Import,
  type Sources,
} from "./imports.ts";

const GROUND = ["contract", "disk", "server/storage", "server/observe", "server/threads"];
const DOMAIN = ["server/workspaces", "server/knowledge", "server/sessions", "server/index", "server/search"];
const EDGES = ["server/access", "server/mcp", "server/http", "server/config.ts", "server/version.ts"];

/** What lies directly in `client/` below the commands: how this run was asked to behave, and how it talks. */
const CLIENT_RUN = [
  "client/config.ts",
  "client/credentials.ts",
  "client/format.ts",
  "client/nearest.ts",
  "client/output.ts",
  "client/parse-file.ts",
  "client/progress.ts",
  "client/table.ts",
  "client/text-width.ts",
];
const CLIENT_GROUND = ["contract", "disk", "client/home", ...CLIENT_RUN];
const CLIENT_PARTS = ["client/hooks", "client/sync", "client/archive", "client/manifest", "client/outbox"];

/**
 * The arrows: what a folder may import besides itself. A row is a folder (with all below it) or a single file,
 * which then goes before its folder; `server` and `client` are the files directly in them. A target may be a file.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  contract: [],
  disk: ["contract/errors.ts"],

  "server/version.ts": [],
  "server/config.ts": ["contract"],
  "server/observe": ["contract"],
  "server/storage": ["contract", "disk"],
  "server/threads": [],
  "server/workspaces": GROUND,
  "server/knowledge": GROUND,
  "server/sessions": GROUND,
  "server/index": [...GROUND, "server/knowledge", "server/sessions"],
  "server/search": [...GROUND, "server/index", "server/knowledge", "server/sessions", "server/workspaces"],
  "server/access": [...GROUND, ...DOMAIN],
  // What fits into one answer is counted the same way everywhere; that is no way to the data.
  "server/mcp": ["contract", "server/access", "server/observe", "server/storage/fitting.ts"],
  // Errno names errors of sockets too: it is no way to the data.
  "server/http": ["contract", "server/access", "server/observe", "disk/errno.ts"],
  server: [...GROUND, ...DOMAIN, ...EDGES, "server/commands"],
  "server/commands": [...GROUND, ...EDGES, "server/app.ts"],

  "client/home": ["contract", "disk"],
  ...Object.fromEntries(CLIENT_RUN.map((file) => [file, CLIENT_GROUND])),
  "client/manifest": CLIENT_GROUND,
  "client/remote": CLIENT_GROUND,
  "client/outbox": CLIENT_GROUND,
  "client/hooks": ["contract", "disk", "client/home", "client/outbox"],
  "client/archive": [...CLIENT_GROUND, "client/manifest", "client/remote"],
  "client/sync": [
    ...CLIENT_GROUND,
    "client/manifest",
    "client/remote",
    "client/archive",
    "client/outbox",
    "client/version.ts",
  ],
  "client/commands": [...CLIENT_GROUND, ...CLIENT_PARTS, "client/remote"],
  client: [
    ...CLIENT_GROUND,
    "client/commands",
    "client/hooks",
    "client/remote",
    "client/sync/up-to-date-sync.ts",
  ],

  scripts: ["contract", "disk", "server"],

  // Benchmarks generate what they measure with the product's own modules, and are imported by nothing of it.
  ...Object.fromEntries(
    [
      "bench",
      "bench/generate",
      "bench/measure",
      "bench/programs",
      "bench/quality",
      "bench/report",
      "bench/rows",
    ].map((folder) => [folder, ["contract", "disk", "server", "client", "bench"]]),
  ),
};

const DISK_FOLDERS = [
  "disk",
  "scripts",
  "server/storage",
  "server/threads",
  ...DOMAIN,
  ...CLIENT_PARTS,
  "client/home",
  "client/config.ts",
  "client/credentials.ts",
  "bench",
];

/** Where a package or a powerful node module is at home. A package without a row is refused; node modules without one are free. */
const HOME_OF: Record<string, readonly string[]> = {
  zod: ["contract", "server", "client", "bench"],
  express: ["server/http"],
  "zod-openapi": ["server/http"],
  "@modelcontextprotocol/*": ["server/mcp", "bench/programs"],
  pino: ["server/observe"],
  "@vscode/ripgrep": ["server/search", "bench"],
  fzstd: ["client/archive"],
  esbuild: ["scripts"],
  "node:sqlite": ["server/storage", "server/index", "bench"],
  "node:child_process": ["server/search", "client/hooks", "scripts", "bench"],
  "node:fs": DISK_FOLDERS,
};

/** They make the client's one file, which has to load its own parts. */
const MAY_COMPUTE_IMPORTS = ["scripts/build-client.ts", "scripts/deferred-cli.ts"];
const MAY_READ_ENV = [
  "server/config.ts",
  "client/config.ts",
  "client/hooks",
  "client/sync/up-to-date-sync.ts",
  "scripts",
  "bench",
];
/** What must be there at once: a hook runs while its client exits, a scheduler starts a sync every few minutes. */
const AT_ONCE = ["client/hooks", "client/sync/up-to-date-sync.ts"];
const ENV =
  /\bprocess\s*(?:\?\.|\.)\s*env\b|\bprocess\[|\{[^}]*\benv\b[^}]*\}\s*(?:from\s*["']node:process["']|=\s*process\b)/;

/** What Node 24 has and Node 20, on which the client must run, has not. */
const TOO_NEW =
  /\b(?:(?:Async)?DisposableStack|Promise\.(?:withResolvers|try)|Array\.fromAsync|Iterator\.from|RegExp\.escape|globSync|styleText)\b/;

/** Every broken rule as one sentence; none for a sound tree. Pure: it sees only `sources`. */
export function violationsOf(sources: Sources): string[] {
  const arrows = [...sources].flatMap(([path, source]) =>
    importsOf(path, source).flatMap((found) => faultOf(path, found, sources) ?? []),
  );
  const files = [...sources].flatMap(([path, source]) => sourceFaults(path, source));
  const cycles = cyclesOf(sources).map((cycle) => `import cycle: ${cycle.join(" → ")}`);
  return [...arrows, ...files, ...cycles, ...hookFaults(sources), ...clientFaults(sources)];
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

/** No package may come along. */
function hookFaults(sources: Sources): string[] {
  const hooks = [...sources.keys()].filter((path) => isIn(path, AT_ONCE));
  return [...loadedBy(hooks, sources)].flatMap((path) =>
    importsOf(path, sources.get(path) ?? "")
      .filter(
        ({ kind, target, specifier }) =>
          kind !== "type" && target === undefined && !specifier.startsWith("node:"),
      )
      .map(({ specifier }) => `the hook path loads ${specifier} through ${path}`),
  );
}

function clientFaults(sources: Sources): string[] {
  const client = [...sources.keys()].filter((path) => isIn(path, ["client"]));
  return [...loadedBy(client, sources)].flatMap((path) => {
    const [name] = TOO_NEW.exec(withoutCommentLines(sources.get(path) ?? "")) ?? [];
    return name === undefined ? [] : [`${path} runs in the client, but Node 20 has no ${name}`];
  });
}

/** The row of a file: its own, else its folder's, two levels deep. */
function rowOf(path: string): string {
  if (MAY_IMPORT[path] !== undefined) return path;
  return path.split("/").slice(0, -1).slice(0, 2).join("/");
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
