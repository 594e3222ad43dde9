import { describe } from "vitest";
import { openModel } from "../support/memory-model.ts";
import { memoryHelperCases } from "./memory-helper-suite.ts";
import { memorySdkCases } from "./memory-sdk-suite.ts";

describe("the model of a store of memories", () => {
  memorySdkCases(openModel);
  memoryHelperCases(openModel);
});
