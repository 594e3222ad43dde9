const GROUND = ["contract", "disk", "server/storage", "server/observe", "server/threads"];
const DOMAIN = ["server/workspaces", "server/knowledge", "server/sessions", "server/index", "server/search"];
const EDGES = ["server/access", "server/mcp", "server/http", "server/config.ts", "server/version.ts"];

/** What lies directly in `client/` below the commands: how this run was asked to behave, and how it talks. */
const CLIENT_RUN = [
  "client/config.ts",
  "client/credentials.ts",
  "client/format.ts",
  "client/output.ts",
  "client/parse-file.ts",
  "client/progress.ts",
  "client/table.ts",
  "client/text-width.ts",
];
const CLIENT_GROUND = ["contract", "disk", "client/home", ...CLIENT_RUN];
const CLIENT_PARTS = [
  "client/hooks",
  "client/sync",
  "client/archive",
  "client/manifest",
  "client/outbox",
  "client/edit",
  "client/launcher",
  "client/mcp",
  "client/memories",
  "client/redact",
  "client/schedule",
  "client/setup",
  "client/rescue",
  "client/doctor",
];

/**
 * The arrows: what a folder may import besides itself. A row is a folder (with all below it) or a single file,
 * which then goes before its folder; `server` and `client` are the files directly in them. A target may be a file.
 */
export const MAY_IMPORT: Record<string, readonly string[]> = {
  contract: [],
  disk: ["contract/errors.ts", "contract/names.ts"],
  // The memory tool over any store: no file, no clock, no network.
  "memory-tool": ["contract"],

  "server/version.ts": [],
  "server/config.ts": ["contract"],
  "server/observe": ["contract", "disk/sync.ts"],
  "server/storage": ["contract", "disk"],
  "server/threads": [],
  "server/workspaces": GROUND,
  "server/knowledge": [...GROUND, "memory-tool"],
  "server/sessions": GROUND,
  ...partsOf("server/index", [...GROUND, "server/knowledge", "server/sessions"], {
    text: [],
    literals: ["text"],
    database: [],
    documents: ["database", "text", "is-held.ts", "messages.ts"],
    changes: ["database", "documents", "messages.ts", "newest-first.ts"],
    writer: ["changes", "database", "documents", "messages.ts"],
    coverage: ["is-held.ts", "messages.ts"],
    orders: ["coverage", "messages.ts", "newest-first.ts"],
    lookup: ["database", "literals", "text", "order.ts"],
  }),
  ...partsOf(
    "server/search",
    [...GROUND, "server/index", "server/knowledge", "server/sessions", "server/workspaces"],
    {
      words: [],
      query: ["words"],
      ranking: ["words"],
      ripgrep: [],
      course: [],
      scan: ["query", "ranking", "words"],
      pool: ["scan"],
      supply: ["course", "pool", "query", "ripgrep", "scan/job.ts"],
      answer: ["course", "pool", "query", "ranking", "ripgrep", "scan/job.ts", "supply", "words"],
    },
  ),
  // A backup reads the files of a store as they are, beside a server that runs.
  "server/backup": [...GROUND, "server/workspaces", "server/knowledge", "server/sessions"],
  "server/access": [...GROUND, ...DOMAIN, "memory-tool"],
  // What the server hands out of itself: the client and the scripts that install it.
  "server/handing-out": ["contract", "disk"],
  // What fits into one answer is counted the same way everywhere; that is no way to the data.
  "server/mcp": ["contract", "memory-tool", "server/access", "server/observe", "server/storage/fitting.ts"],
  // Errno names errors of sockets too: it is no way to the data.
  "server/http": [
    "contract",
    "server/access",
    "server/handing-out/client-files.ts",
    "server/observe",
    "disk/errno.ts",
  ],
  server: [...GROUND, ...DOMAIN, ...EDGES, "server/commands", "server/handing-out"],
  "server/commands": [...GROUND, ...EDGES, "server/app.ts", "server/backup", "server/handing-out"],

  "client/home": ["contract", "disk"],
  ...Object.fromEntries(CLIENT_RUN.map((file) => [file, CLIENT_GROUND])),
  "client/manifest": CLIENT_GROUND,
  "client/remote": CLIENT_GROUND,
  "client/outbox": CLIENT_GROUND,
  "client/hooks": ["contract", "disk", "client/home", "client/launcher/stamp.ts", "client/outbox"],
  "client/redact": CLIENT_GROUND,
  "client/archive": [...CLIENT_GROUND, "client/manifest", "client/redact", "client/remote"],
  // Between an agent on stdin and stdout and a server.
  "client/mcp": [
    ...CLIENT_GROUND,
    "client/archive",
    "client/manifest",
    "client/memories",
    "client/remote",
    "memory-tool",
  ],
  "client/memories": [...CLIENT_GROUND, "memory-tool"],
  "client/sync": [
    ...CLIENT_GROUND,
    "client/manifest",
    "client/redact",
    "client/remote",
    "client/archive",
    "client/launcher/stamp.ts",
    "client/outbox",
    "client/version.ts",
  ],
  // Files of other programs are edited in one place only.
  "client/edit": CLIENT_GROUND,
  "client/launcher": CLIENT_GROUND,
  "client/schedule": [...CLIENT_GROUND, "client/edit", "client/launcher"],
  "client/setup": [
    ...CLIENT_GROUND,
    "client/archive/places.ts",
    "client/edit",
    "client/launcher",
    "client/schedule",
    "client/remote",
  ],
  "client/rescue": [
    ...CLIENT_GROUND,
    "client/archive",
    "client/manifest",
    "client/outbox",
    "client/remote",
    "client/sync",
  ],
  "client/doctor": [
    ...CLIENT_GROUND,
    "client/archive",
    "client/edit",
    "client/launcher",
    "client/manifest",
    "client/outbox",
    "client/remote",
    "client/schedule",
    "client/setup",
    "client/sync",
    "client/version.ts",
  ],
  "client/commands": [...CLIENT_GROUND, ...CLIENT_PARTS, "client/remote", "client/version.ts"],
  client: [
    ...CLIENT_GROUND,
    "client/commands",
    "client/hooks",
    "client/remote",
    "client/setup/mcp-headers.ts",
    "client/sync/up-to-date-sync.ts",
  ],

  // Errno names errors of sockets too: it is no way to the data.
  ...partsOf("proxy", ["contract", "memory-tool/names.ts", "disk/errno.ts"], {
    json: [],
    rewrite: ["json"],
    stream: ["json", "rewrite"],
    http: ["config.ts", "log.ts", "rewrite", "stream"],
  }),

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
  "server/backup",
  "server/handing-out",
  ...DOMAIN,
  ...CLIENT_PARTS,
  "client/home",
  "client/config.ts",
  "client/credentials.ts",
  "bench",
  "proxy/config.ts",
];

/** A folder's row, for the files directly in it, and a row for each part of it: what it may import of the others. */
function partsOf(
  folder: string,
  arrows: readonly string[],
  parts: Readonly<Record<string, readonly string[]>>,
): Record<string, readonly string[]> {
  const rows = Object.entries(parts).map(([part, others]) => {
    return [`${folder}/${part}`, [...arrows, ...others.map((other) => `${folder}/${other}`)]] as const;
  });
  return { [folder]: [...arrows, folder], ...Object.fromEntries(rows) };
}

/** Where a package or a powerful node module is at home. A package without a row is refused; node modules without one are free. */
export const HOME_OF: Record<string, readonly string[]> = {
  zod: ["contract", "memory-tool", "server", "client", "proxy", "bench"],
  express: ["server/http"],
  "zod-openapi": ["server/http"],
  "@modelcontextprotocol/*": ["server/mcp", "bench/programs"],
  pino: ["server/observe"],
  "@vscode/ripgrep": ["server/search", "bench"],
  fzstd: ["client/archive"],
  esbuild: ["scripts"],
  "smol-toml": ["client/edit"],
  "node:sqlite": ["server/storage", "server/index", "bench"],
  "node:child_process": [
    "server/search",
    "client/hooks",
    "client/setup",
    "client/schedule",
    "client/doctor",
    "scripts",
    "bench",
  ],
  "node:fs": DISK_FOLDERS,
};

/** They make the client's one file, which has to load its own parts. */
export const MAY_COMPUTE_IMPORTS = ["scripts/build-client.ts", "scripts/deferred-cli.ts"];
export const MAY_READ_ENV = [
  "server/config.ts",
  "client/config.ts",
  "client/hooks",
  "client/setup/mcp-headers.ts",
  "client/sync/up-to-date-sync.ts",
  "proxy/config.ts",
  "proxy/probe.ts",
  "scripts",
  "bench",
];
/** What must be there at once: a hook runs while its client exits, a scheduler starts a sync every few minutes. */
export const AT_ONCE = [
  "client/hooks",
  "client/launcher/stamp.ts",
  "client/setup/mcp-headers.ts",
  "client/sync/up-to-date-sync.ts",
];
/** What the server's threads begin with. */
export const THREADS = ["server/search/pool/scan-worker.ts", "server/index/writer/writer-worker.ts"];
