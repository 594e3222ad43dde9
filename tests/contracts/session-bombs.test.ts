import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { AppError } from "../../contract/errors.ts";
import { sessionStore, text, upload, WORKSPACE } from "../support/session-store.ts";
import { tempFolder } from "../support/temp-folder.ts";

const MAKER = join(import.meta.dirname, "..", "fixtures", "corpora", "make-gzip-bombs.mjs");
const Bomb = z.object({
  file: z.string(),
  expect: z.enum(["accept", "reject", "either", "note"]),
  why: z.string(),
});

describe("hostile archives", () => {
  let folder: Awaited<ReturnType<typeof tempFolder>>;
  let bombs: z.infer<typeof Bomb>[];

  beforeAll(async () => {
    folder = await tempFolder();
    await promisify(execFile)(process.execPath, [MAKER, folder.path]);
    const index = await readFile(join(folder.path, "index.jsonl"), "utf8");
    bombs = index
      .trim()
      .split("\n")
      .map((row) => Bomb.parse(JSON.parse(row)))
      .filter((bomb) => bomb.expect !== "note");
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  it("are taken whole or refused with a reason, as their label says, and leave nothing behind", async () => {
    await using lab = await sessionStore();
    const wrong: string[] = [];
    for (const [index, bomb] of bombs.entries()) {
      const bytes = await readFile(join(folder.path, bomb.file));
      const id = `bomb-${index}`;
      const outcome = await lab.store.upload(WORKSPACE, upload(id, bytes, { encoding: "gzip" })).then(
        () => "accept",
        (error: unknown) => (error instanceof AppError ? "reject" : String(error)),
      );
      const fits =
        bomb.expect === "either" ? ["accept", "reject"].includes(outcome) : outcome === bomb.expect;
      const whole = outcome !== "accept" || (await text(lab, id)).equals(gunzipSync(bytes));
      if (!fits || !whole) wrong.push(`${bomb.file} (${bomb.why}): ${outcome}`);
    }

    expect(bombs.length).toBeGreaterThan(50);
    expect(wrong).toEqual([]);
    expect((await lab.files()).filter((name) => name.includes(".tmp-"))).toEqual([]);
  });

  it("are refused as plain transcripts too, when they are files of another kind", async () => {
    await using lab = await sessionStore();
    const binary = bombs.filter(({ file }) => /^(ok-small|png|zip|nested|tar-)/.test(file));

    for (const { file } of binary) {
      const bytes = await readFile(join(folder.path, file));
      await expect(lab.store.upload(WORKSPACE, upload("x", bytes)), file).rejects.toMatchObject({
        code: "invalid_input",
      });
    }
  });
});
