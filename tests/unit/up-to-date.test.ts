import { appendFile, mkdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Config } from "../../client/config.ts";
import { environmentOf, VARIABLES, type Env, type Environment } from "../../client/home/home.ts";
import { enqueue } from "../../client/outbox/enqueue.ts";
import { upToDateAnswer } from "../../client/sync/up-to-date.ts";
import { emptyReport, type SyncReport } from "../../client/sync/report.ts";
import type { SyncChoices } from "../../client/sync/sync.ts";
import { afterSync, beforeSync } from "../../client/sync/around-sync.ts";
import { tempFolder } from "../support/temp-folder.ts";

const LONG_AGO = new Date("2026-01-02T03:04:05Z");
const ANSWER = { json: "{}", text: "nothing" };
const USUAL: SyncChoices = { scan: true, retry: false, recheck: false };
const MANIFEST = {
  workspace_id: "laptop-claude-code-shop",
  machine: "laptop",
  tool: "claude-code",
  project: "shop",
  tracked: [{ local: "~/shop/CLAUDE.md", upload: "CLAUDE.md" }],
  tracked_dirs: [{ local: "~/notes", upload_prefix: "notes/", glob: "**/*.md" }],
};
const TRANSCRIPT = ".claude/projects/-home-shop/11111111-1111-4111-8111-111111111111.jsonl";
const FILES = {
  "shop/CLAUDE.md": "# Shop\n",
  "notes/one.md": "# One\n",
  "notes/deep/two.md": "# Two\n",
  "notes/image.png": "no note",
  [TRANSCRIPT]: "{}\n",
  ".memory-sync/manifests/shop.json": JSON.stringify(MANIFEST),
  ".memory-sync/config.json": JSON.stringify({ machine: "laptop" }),
  ".memory-sync/credentials.json": JSON.stringify({ sync_token: "secret" }),
  ".memory-sync/state/server.json": "{}",
};

/** Somebody's home in which nobody has changed a file for long. */
async function settledHome() {
  const folder = await tempFolder();
  const at = (path: string): string => join(folder.path, path);
  const write = async (path: string, text: string, time = LONG_AGO): Promise<void> => {
    await mkdir(dirname(at(path)), { recursive: true });
    await writeFile(at(path), text);
    await utimes(at(path), time, time);
  };
  for (const [path, text] of Object.entries(FILES)) await write(path, text);
  const environmentWith = (env: Env = {}): Environment => ({
    ...environmentOf({ MEMORY_SYNC_HOME: at(".memory-sync"), ...env }),
    userHome: folder.path,
  });
  const environment = environmentWith();
  return {
    at,
    write,
    environment,
    environmentWith,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

type Home = Awaited<ReturnType<typeof settledHome>>;

function configFrom(from: "environment" | "flag"): Config {
  const syncToken = { secret: "secret", from, place: "nowhere" };
  return {
    url: "http://127.0.0.1:9",
    urlFrom: "default",
    machine: "laptop",
    redact: false,
    aiToken: undefined,
    syncToken,
  };
}

/** A sync that found nothing to do, with whatever happened while it ran. */
async function idleSync(
  { environment }: Home,
  meanwhile: () => Promise<unknown> = async () => undefined,
  report: SyncReport = emptyReport(),
): Promise<void> {
  const before = await beforeSync(environment, async () => configFrom("environment"), USUAL);
  await meanwhile();
  if (before === undefined) throw new Error("a usual sync looks first");
  await afterSync(environment, before, report, ANSWER);
}

describe("after a sync that found nothing to do", () => {
  it("there is nothing to do while nothing changes", async () => {
    await using home = await settledHome();
    await idleSync(home);

    const answers = [await upToDateAnswer(home.environment), await upToDateAnswer(home.environment)];

    expect(answers).toEqual([ANSWER, ANSWER]);
  });

  it.each<[string, (home: Home) => Promise<unknown>]>([
    ["a note is new", ({ write }) => write("notes/three.md", "# Three\n")],
    ["a note is gone", ({ at }) => rm(at("notes/deep/two.md"))],
    ["a note is longer, with the old time", ({ write }) => write("notes/one.md", "# One and more\n")],
    ["a note has another time", ({ write }) => write("notes/one.md", "# One\n", new Date())],
    ["a note became a link", ({ at }) => relink(at("notes/one.md"), at("notes/image.png"))],
    ["a single file changed", ({ write }) => write("shop/CLAUDE.md", "# Shop 2\n")],
    ["a single file is gone", ({ at }) => rm(at("shop/CLAUDE.md"))],
    ["a transcript grew", ({ at }) => appendFile(at(TRANSCRIPT), "{}\n")],
    ["a transcript is gone", ({ at }) => rm(at(TRANSCRIPT))],
    ["a transcript of a subagent is new", ({ write }) => write(SUBAGENT, "{}\n")],
    ["a transcript of Codex is new", ({ write }) => write(`.codex/sessions/2026/01/02/${ROLLOUT}`, "{}\n")],
    ["a manifest changed", ({ write }) => write(".memory-sync/manifests/shop.json", "{}")],
    ["a manifest is new", ({ write }) => write(".memory-sync/manifests/other.json", "{}")],
    ["the settings changed", ({ write }) => write(".memory-sync/config.json", "{}")],
    ["the secrets changed", ({ write }) => write(".memory-sync/credentials.json", "{}")],
    ["the state changed", ({ write }) => write(".memory-sync/state/server.json", "{ }")],
    ["the state is gone", ({ at }) => rm(at(".memory-sync/state/server.json"))],
    ["a hook left a job", ({ environment, at }) => enqueue(environment.home, jobFor(at(TRANSCRIPT)))],
    ["what was kept is damaged", ({ at }) => appendFile(at(".memory-sync/state/up-to-date.json"), " ")],
    ["what was kept is gone", ({ at }) => rm(at(".memory-sync/state/up-to-date.json"))],
  ])("there may be when %s", async (_, change) => {
    await using home = await settledHome();
    await idleSync(home);

    await change(home);

    expect(await upToDateAnswer(home.environment)).toBeUndefined();
  });

  it.each(Object.values(VARIABLES).filter((name) => name !== VARIABLES.home))(
    "there may be when the environment has another %s",
    async (name) => {
      await using home = await settledHome();
      await idleSync(home);

      const answer = await upToDateAnswer(home.environmentWith({ [name]: "/other" }));

      expect(answer).toBeUndefined();
    },
  );

  it("there may be when it is started elsewhere, where relative paths mean other files", async () => {
    await using home = await settledHome();
    await idleSync(home);
    const before = process.cwd();
    process.chdir(home.at("notes"));
    using _ = { [Symbol.dispose]: () => process.chdir(before) };

    const answer = await upToDateAnswer(home.environment);

    expect(answer).toBeUndefined();
  });

  it("what no manifest means and no client wrote does not matter", async () => {
    await using home = await settledHome();
    await idleSync(home);

    await home.write("notes/image.png", "another image");
    await home.write(".claude/projects/-home-shop/notes.txt", "no transcript");

    expect(await upToDateAnswer(home.environment)).toEqual(ANSWER);
  });
});

describe("nothing is kept for the next sync", () => {
  it.each<[string, Partial<SyncReport>]>([
    ["had a problem", { problems: [{ path: "/a", message: "wrong" }] }],
    ["left something out", { notes: ["/a: a link"] }],
    ["sent something", { knowledge: { ...emptyReport().knowledge, created: 1 } }],
    ["left a job waiting", { waiting: 1 }],
    ["set a job aside", { set_aside: 1 }],
    ["was stopped", { stopped: { why: "busy", message: "another runs" } }],
  ])("by one that %s", async (_, report) => {
    await using home = await settledHome();

    await idleSync(home, undefined, { ...emptyReport(), ...report });

    expect(await upToDateAnswer(home.environment)).toBeUndefined();
  });

  it.each<[string, (home: Home) => Promise<unknown>]>([
    ["a file changed", ({ write }) => write("notes/one.md", "# Another\n")],
    ["a manifest changed", ({ write }) => write(".memory-sync/manifests/shop.json", "{}")],
    ["another sync changed the state", ({ write }) => write(".memory-sync/state/other.json", "{}")],
    ["a hook left a job", ({ environment, at }) => enqueue(environment.home, jobFor(at(TRANSCRIPT)))],
  ])("when meanwhile %s", async (_, change) => {
    await using home = await settledHome();

    await idleSync(home, () => change(home));

    expect(await upToDateAnswer(home.environment)).toBeUndefined();
  });

  it("when the settings changed after they were read", async () => {
    await using home = await settledHome();
    const config = async () => {
      await home.write(".memory-sync/config.json", JSON.stringify({ machine: "desktop" }));
      return configFrom("environment");
    };

    const before = await beforeSync(home.environment, config, USUAL);
    if (before !== undefined) await afterSync(home.environment, before, emptyReport(), ANSWER);

    expect(before).toBeDefined();
    expect(await upToDateAnswer(home.environment)).toBeUndefined();
  });

  it("while a file is so young that it may change again without its time changing", async () => {
    await using home = await settledHome();
    await home.write("notes/one.md", "# One\n", new Date());

    await idleSync(home);

    expect(await upToDateAnswer(home.environment)).toBeUndefined();
  });

  it.each<[string, SyncChoices, "environment" | "flag"]>([
    ["that only works off jobs", { ...USUAL, scan: false }, "environment"],
    ["that tries jobs again", { ...USUAL, retry: true }, "environment"],
    ["that looks at every file again", { ...USUAL, recheck: true }, "environment"],
    ["with a token of its own", USUAL, "flag"],
  ])("by one %s", async (_, choices, from) => {
    await using home = await settledHome();

    const before = await beforeSync(home.environment, async () => configFrom(from), choices);

    expect(before).toBeUndefined();
  });
});

const SUBAGENT = `${TRANSCRIPT.replace(".jsonl", "")}/subagents/agent-abc.jsonl`;
const ROLLOUT = "rollout-2026-01-02T03-04-05-22222222-2222-4222-8222-222222222222.jsonl";

function jobFor(path: string) {
  return {
    kind: "session",
    path,
    reason: "SessionEnd",
    created_at: "2026-01-02T03:04:05Z",
    tries: 0,
  } as const;
}

async function relink(path: string, target: string): Promise<void> {
  await rm(path);
  await symlink(target, path);
}
