import fc from "fast-check";
import { expect, it } from "vitest";
import { comparePlaces, type Place } from "../../server/index/order.ts";
import type { Candidates } from "../../server/search/supply/candidates.ts";
import { END } from "../../server/search/scan/job.ts";
import { Supply } from "../../server/search/supply/supply.ts";
import type { Target } from "../../server/search/supply/target.ts";

interface Document extends Target {
  /** Whether the index holds it as it is. */
  isHeld: boolean;
}

function document(timeMs: number, key: string, isHeld: boolean): Document {
  const source = { kind: "knowledge", workspaceId: "w", path: key, fromLine: 1 } as const;
  return { source, timeMs, key, sizeBytes: 1, isHeld };
}

/** An index that gives fewer at once than it is asked for, and stops answering after some questions. */
class FakeIndex {
  readonly #held: readonly Document[];
  readonly #most: number;
  #answers: number;

  constructor(documents: readonly Document[], { most, answers }: { most: number; answers: number }) {
    this.#held = documents.filter(({ isHeld }) => isHeld).toSorted(comparePlaces);
    this.#most = most;
    this.#answers = answers;
  }

  async newest(from: Place | undefined, take: number) {
    this.#answers -= 1;
    if (this.#answers < 0) return undefined;
    const rest = this.#held.filter((each) => from === undefined || comparePlaces(each, from) >= 0);
    const found = rest.slice(0, Math.min(take, this.#most));
    return { found, next: rest[found.length], candidates: rest.length, documents: this.#held.length };
  }

  async best({ skip, take }: { skip: number; take: number }) {
    this.#answers -= 1;
    if (this.#answers < 0) return undefined;
    const found = this.#held.slice(skip, skip + take);
    const more = this.#held.length > skip + take;
    const figures = { passages: this.#held.length, holding: [1] };
    return { found, more, figures, candidates: this.#held.length, documents: this.#held.length };
  }
}

function supplyOf(documents: readonly Document[], index: FakeIndex): Supply<Document> {
  const read = async (what: "rest" | "everything"): Promise<Candidates<Document>> => ({
    targets: documents.filter(({ isHeld }) => what === "everything" || !isHeld),
    unreadable: 0,
    passed: 0,
    isComplete: true,
  });
  return new Supply({ indexed: index, read, signal: new AbortController().signal });
}

const documents = fc
  .uniqueArray(fc.tuple(fc.nat({ max: 5 }), fc.nat({ max: 40 })), {
    selector: ([, key]) => key,
    maxLength: 40,
  })
  .chain((places) =>
    fc.tuple(
      ...places.map(([timeMs, key]) => fc.boolean().map((isHeld) => document(timeMs, `${key}`, isHeld))),
    ),
  );

it("gives every document once and in order, wherever it comes from and whenever the index stops answering", async () => {
  const index = fc.record({ most: fc.integer({ min: 1, max: 9 }), answers: fc.nat({ max: 8 }) });
  await fc.assert(
    fc.asyncProperty(documents, index, fc.option(fc.nat()), async (all, kind, cut) => {
      const ordered = all.toSorted(comparePlaces);
      const start = cut === null ? 0 : cut % (ordered.length + 1);
      const before = ordered[start - 1];
      const position = before && { timeMs: before.timeMs, key: before.key, line: END };
      const supply = supplyOf(all, new FakeIndex(all, kind));

      const given = (await Array.fromAsync(supply.newest(position))).flat();

      expect(given.map(({ key }) => key)).toEqual(ordered.slice(start).map(({ key }) => key));
      expect(supply.left).toBe(0);
    }),
  );
});

it("goes on within the document of the position", async () => {
  const all = [document(1, "a", true), document(2, "b", false)];

  for (const index of [
    new FakeIndex(all, { most: 9, answers: 9 }),
    new FakeIndex(all, { most: 9, answers: 0 }),
  ]) {
    const supply = supplyOf(all, index);
    const given = (await Array.fromAsync(supply.newest({ timeMs: 1, key: "a", line: 7 }))).flat();

    expect(given).toMatchObject([{ key: "a", source: { fromLine: 8 } }]);
  }
});

it("keeps what the index does not hold in the first tier, and chooses the others by their ranks", async () => {
  const all = Array.from({ length: 600 }, (_, number) => document(number, `${number}`, number >= 10));
  const supply = supplyOf(all, new FakeIndex(all, { most: 1000, answers: 9 }));

  const tiers = await Array.fromAsync(supply.tiers());

  expect(tiers.map(({ targets }) => targets.length)).toEqual([74, 64, 128, 256]);
  expect(tiers[0]?.targets.filter(({ isHeld }) => !isHeld)).toHaveLength(10);
  expect(new Set(tiers.flatMap(({ targets }) => targets.map(({ key }) => key))).size).toBe(522);
  expect(supply.left).toBe(590 - 512);
});

it("has one tier without an index", async () => {
  const all = Array.from({ length: 100 }, (_, number) => document(number, `${number}`, true));
  const supply = supplyOf(all, new FakeIndex(all, { most: 1000, answers: 0 }));

  const tiers = await Array.fromAsync(supply.tiers());

  expect(tiers).toMatchObject([{ figures: undefined }]);
  expect(tiers[0]?.targets).toHaveLength(100);
});
