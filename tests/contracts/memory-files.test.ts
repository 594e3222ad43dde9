import { describe } from "vitest";
import { MemoryModel } from "../support/memory-model.ts";
import { memoryFilesCases } from "./memory-files-suite.ts";

describe("the model of a store of memories", () => {
  memoryFilesCases(() =>
    Promise.resolve({ files: new MemoryModel(), [Symbol.asyncDispose]: () => Promise.resolve() }),
  );
});
