import { readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import * as z from "zod";
import { LIMITS } from "../../contract/limits.ts";
import { Folder } from "../../disk/folder.ts";
import { readJson, writeJsonGeneration } from "../../server/storage/json-file.ts";
import { tempFolder } from "../support/temp-folder.ts";

const Shape = z.object({ number: z.number() });

it.each(["", "{", '{"number":"1"}', "[]", "[".repeat(100_000), "\0"])("calls %j damaged", async (text) => {
  await using temp = await tempFolder();
  await using folder = await Folder.open(temp.path);
  await writeFile(join(temp.path, "a.json"), text);

  expect(await readJson(folder, "a.json", Shape)).toEqual({ state: "damaged" });
  expect(await readJson(folder, "b.json", Shape)).toEqual({ state: "missing" });
});

it("does not read a file that is longer than any of ours", async () => {
  await using temp = await tempFolder();
  await using folder = await Folder.open(temp.path);
  const path = join(temp.path, "a.json");
  await writeFile(path, '{"number":1}');
  const read = () => readJson(folder, "a.json", Shape);

  expect(await read()).toEqual({ state: "whole", value: { number: 1 } });
  // Sparse: longer than Node would read at once.
  for (const bytes of [LIMITS.storage.jsonBytes + 1, 3 * 2 ** 30]) {
    await truncate(path, bytes);
    expect(await read()).toEqual({ state: "damaged" });
  }
});

it("keeps the three contents before", async () => {
  await using temp = await tempFolder();
  await using folder = await Folder.open(temp.path);

  for (let number = 1; number <= 6; number += 1) await writeJsonGeneration(folder, "a.json", { number });

  const names = (await readdir(temp.path)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(temp.path, name), "utf8")));
  expect(names).toEqual(["a.json", "a.json.1", "a.json.2", "a.json.3"]);
  expect(texts.map((text) => JSON.parse(text))).toEqual([6, 5, 4, 3].map((number) => ({ number })));
});
