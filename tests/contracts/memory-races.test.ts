import { expect, it } from "vitest";
import { sha256 } from "../../disk/digest.ts";
import { AppError } from "../../contract/errors.ts";
import type { MemoryFiles } from "../../memory-tool/files.ts";
import { treeOf } from "../support/memory-answers.ts";
import { MemoryModel } from "../support/memory-model.ts";
import { openMemories } from "../support/memories.ts";
import { random } from "../support/random.ts";

const CALLERS = 8;
const CHANGES_EACH = 25;
const PATHS = ["a", "b", "a/b", "a/c", "d/e", "d/e/f", "A"];
const TEXTS = ["one", "two", "three"];

type Pick = <T>(from: readonly T[]) => T;
type Change = (files: MemoryFiles) => Promise<unknown>;

it(
  "eight callers at once are answered as if they had come one after the other",
  { timeout: 60_000 },
  async () => {
    await using opened = await openMemories();
    const pick = picker(1);
    const ended: { change: Change; answer: unknown }[] = [];
    const caller = async () => {
      for (let n = 0; n < CHANGES_EACH; n++) {
        const change = changeOf(pick);
        const answer = await answerOf(opened.files, change);
        // Changes of one workspace take turns: the order in which they end is the one in which they happened.
        ended.push({ change, answer });
      }
    };

    await Promise.all(Array.from({ length: CALLERS }, caller));

    const model = new MemoryModel();
    for (const { change, answer } of ended) expect(await answerOf(model, change)).toEqual(answer);
    expect(ended).toHaveLength(CALLERS * CHANGES_EACH);
    expect(new Set(ended.map(({ answer }) => answer)).size).toBeGreaterThan(4);
    expect(await treeOf(opened.files)).toEqual(await treeOf(model));
    expect(await treeOf(await opened.restart())).toEqual(await treeOf(model));
  },
);

function picker(seed: number): Pick {
  const chance = random(seed);
  return (from) => {
    const picked = from[chance.integer(0, from.length - 1)];
    if (picked === undefined) throw new Error("nothing to pick from");
    return picked;
  };
}

function changeOf(pick: Pick): Change {
  const [path, to, text, before] = [pick(PATHS), pick(PATHS), pick(TEXTS), pick(TEXTS)];
  return pick<Change>([
    (files) => files.create(path, Buffer.from(text)),
    (files) => files.create(path, Buffer.from(text)),
    (files) => files.replace(path, Buffer.from(text), sha256(before)),
    (files) => files.remove(path),
    // Nobody asks a store to move something into itself.
    (files) => (`${to}/`.startsWith(`${path}/`) ? files.remove(path) : files.rename(path, to)),
    (files) => files.rename("d", "g"),
    (files) => files.rename("g", "d"),
  ]);
}

async function answerOf(files: MemoryFiles, change: Change): Promise<unknown> {
  try {
    return await change(files);
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}
