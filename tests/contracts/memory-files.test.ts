import { describe } from "vitest";
import { openModel } from "../support/memory-model.ts";
import { memoryFilesCases } from "./memory-files-suite.ts";

describe("the model of a store of memories", () => {
  memoryFilesCases({ open: openModel });
});
