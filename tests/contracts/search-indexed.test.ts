import { describe } from "vitest";
import { SearchEngine } from "../../server/search/engine.ts";
import { BuiltIndex } from "../support/built-index.ts";
import { searchSuite } from "./search-suite.ts";

describe("with an index", () => {
  searchSuite(async (memory, options) => {
    const { root, archives } = memory;
    return new SearchEngine({ root, archives, index: await BuiltIndex.of(memory), ...options });
  });
});

describe("with an index of half of it", () => {
  searchSuite(async (memory, options) => {
    const { root, archives } = memory;
    const index = await BuiltIndex.of(memory, { isIndexed: (name) => name.length % 2 === 0 });
    return new SearchEngine({ root, archives, index, ...options });
  });
});
