import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { importsOf, type Sources } from "./imports.ts";
import { violationsOf } from "./rules.ts";

const ROOT = join(import.meta.dirname, "../..");
/** Far fewer files than there are: enough to know that they were seen at all. */
const LEAST_FILES = {
  contract: 8,
  disk: 5,
  "memory-tool": 5,
  server: 40,
  client: 15,
  proxy: 12,
  scripts: 2,
  bench: 20,
};

const sources = readSources();

describe("the tree", () => {
  it.each(Object.entries(LEAST_FILES))("was seen: %s", (folder, least) => {
    const seen = [...sources.keys()].filter((path) => path.startsWith(`${folder}/`));

    expect(seen.length).toBeGreaterThanOrEqual(least);
  });

  it("has no import statement that the reader misses", () => {
    const lastLine = /^(?:import|export|\})[^=(\n]*\sfrom "[^"]+"(?: with .*)?;$|^import "/gm;

    const misread = [...sources].filter(([path, source]) => {
      const read = importsOf(path, source).filter(({ kind }) => kind !== "lazy");
      return read.length !== (source.match(lastLine) ?? []).length;
    });

    expect(misread.map(([path]) => path)).toEqual([]);
  });

  it("keeps to the arrows", () => {
    expect(violationsOf(sources)).toEqual([]);
  });
});

describe("the reader", () => {
  it.each([
    ['import { a } from "../disk/digest.ts";', "static", "disk/digest.ts"],
    ['import a, { b } from "./b.ts";', "static", "server/b.ts"],
    ['import * as a from "../contract/ids.ts";', "static", "contract/ids.ts"],
    ['import type { A } from "./b.ts";', "type", "server/b.ts"],
    ['import {\n  // "quoted"; and more\n  a,\n  type B,\n} from "./b.ts";', "static", "server/b.ts"],
    ['import "./b.ts";', "static", "server/b.ts"],
    ['export { a } from "./b.ts";', "static", "server/b.ts"],
    ['export * from "./b.ts";', "static", "server/b.ts"],
    ['export type { A } from "./b.ts";', "type", "server/b.ts"],
    ['const a = await import("./b.ts");', "lazy", "server/b.ts"],
    ['new Worker(new URL("./b.ts", import.meta.url));', "lazy", "server/b.ts"],
  ])("sees %s", (source, kind, target) => {
    expect(importsOf("server/a.ts", source)).toEqual([expect.objectContaining({ kind, target })]);
  });

  it.each([
    'export const text = "from";',
    'export interface A {\n  /** Taken from "b". */\n  b: string;\n}',
    '// import { a } from "./b.ts";',
    ' * see import("./b.ts")',
    'const text = `\n  import { a } from "./b.ts";`;',
  ])("sees nothing in %s", (source) => {
    expect(importsOf("server/a.ts", source)).toEqual([]);
  });
});

describe("a planted violation", () => {
  const sound = new Map([
    ["contract/errors.ts", ""],
    ["contract/ids.ts", 'import * as z from "zod";'],
    ["disk/digest.ts", 'import { createHash } from "node:crypto";'],
    ["server/app.ts", 'import { a } from "./http/router.ts";'],
    ["server/http/router.ts", 'import express from "express";\nimport { Gate } from "../access/open.ts";'],
    ["server/access/open.ts", 'import { a } from "../knowledge/store.ts";'],
    [
      "server/knowledge/store.ts",
      'import { open } from "node:fs/promises";\nimport { a } from "../storage/layout.ts";',
    ],
    ["server/storage/layout.ts", ""],
    ["server/index/search-index.ts", 'import { a } from "./writer/wake.ts";'],
    ["server/index/writer/wake.ts", 'import { a } from "../documents/stamp.ts";'],
    ["server/index/writer/writer-worker.ts", 'import { a } from "./wake.ts";'],
    ["server/index/documents/stamp.ts", 'import { a } from "../../storage/layout.ts";'],
    ["client/cli.ts", 'import { a } from "./commands/sync.ts";'],
    ["client/commands/sync.ts", 'import { a } from "../../contract/ids.ts";'],
    ["client/hooks/claude-hook.ts", 'import { a } from "../../disk/digest.ts";'],
  ]);

  it("is not seen in a method called require", () => {
    const sources = new Map(sound).set("server/storage/layout.ts", "a = this.#require(name);");

    expect(violationsOf(sources)).toEqual([]);
  });

  it("is not there before it is planted", () => {
    expect(violationsOf(sound)).toEqual([]);
  });

  it.each([
    ["an arrow upwards", "server/knowledge/store.ts", 'import { a } from "../access/open.ts";', "no arrow"],
    [
      "an arrow upwards for a type",
      "server/storage/layout.ts",
      'import type { A } from "../access/open.ts";',
      "no arrow",
    ],
    [
      "an arrow upwards between parts",
      "server/index/documents/stamp.ts",
      'import { a } from "../writer/wake.ts";',
      "no arrow",
    ],
    [
      "an arrow from a part to its whole",
      "server/index/writer/wake.ts",
      'import { a } from "../search-index.ts";',
      "no arrow",
    ],
    [
      "an edge past the gate",
      "server/http/router.ts",
      'import { a } from "../knowledge/store.ts";',
      "no arrow",
    ],
    [
      "a lazy edge past the gate",
      "server/http/router.ts",
      'await import("../knowledge/store.ts");',
      "no arrow",
    ],
    ["more of contract in disk", "disk/digest.ts", 'import { a } from "../contract/ids.ts";', "no arrow"],
    [
      "the server in the client",
      "client/commands/sync.ts",
      'import { a } from "../../server/app.ts";',
      "no arrow",
    ],
    ["the client in the server", "server/app.ts", 'import { a } from "../client/cli.ts";', "no arrow"],
    ["a node module in contract", "contract/ids.ts", 'import { join } from "node:path";', "nothing but zod"],
    [
      "a framework outside its home",
      "server/access/open.ts",
      'import express from "express";',
      "outside its home",
    ],
    [
      "a part of a framework",
      "server/http/router.ts",
      'import { a } from "@modelcontextprotocol/server/b";',
      "outside its home",
    ],
    [
      "a process outside its home",
      "server/app.ts",
      'import { spawn } from "node:child_process";',
      "outside its home",
    ],
    [
      "a database outside its home",
      "server/knowledge/store.ts",
      'import { a } from "node:sqlite";',
      "outside its home",
    ],
    [
      "a file system outside its home",
      "server/access/open.ts",
      'import { open } from "node:fs/promises";',
      "outside its home",
    ],
    ["a package nobody gave a home", "server/app.ts", 'import pad from "left-pad";', "no home"],
    ["the environment", "server/app.ts", "const port = process.env.PORT;", "reads process.env"],
    [
      "the environment by another name",
      "server/app.ts",
      'import { env } from "node:process";',
      "reads process.env",
    ],
    ["a cycle", "server/storage/layout.ts", 'import type { a } from "./layout.ts";', "import cycle"],
    [
      "a long cycle",
      "server/storage/layout.ts",
      'import { a } from "../knowledge/store.ts";',
      "import cycle",
    ],
    ["a package on the hook path", "disk/digest.ts", 'import * as z from "zod";', "the hook path loads zod"],
    [
      "a package in a thread",
      "server/storage/layout.ts",
      'import * as z from "zod";',
      "a thread loads zod through server/storage/layout.ts",
    ],
    ["what Node 20 has not", "disk/digest.ts", "new AsyncDisposableStack();", "Node 20 has no"],
    ["the same in the proxy", "proxy/rewrite/names.ts", "Promise.withResolvers();", "Node 20 has no"],
    ["a computed import", "server/app.ts", "await import(name);", "only a run can tell"],
    ["a required module", "server/app.ts", "const a = require(name);", "only a run can tell"],
    ["a missing file", "server/app.ts", 'import { a } from "./gone.ts";', "not a source file"],
    ["a folder without a row", "server/utils/a.ts", "", "without a row"],
    ["a part without a row", "server/index/utils/a.ts", "", "without a row"],
  ])("is seen: %s", (_, path, planted, fault) => {
    const sources = new Map(sound).set(path, `${sound.get(path) ?? ""}\n${planted}`);

    expect(violationsOf(sources).join("\n")).toContain(fault);
  });
});

function readSources(): Sources {
  const paths = globSync(`{${Object.keys(LEAST_FILES).join(",")}}/**/*.ts`, { cwd: ROOT });
  return new Map(
    paths.map((path) => [path.replaceAll("\\", "/"), readFileSync(join(ROOT, path), "utf8")] as const),
  );
}
