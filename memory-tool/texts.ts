import { LIMITS } from "../contract/limits.ts";
import { presentable } from "../contract/secrets.ts";
import { clipped } from "./lines.ts";

/**
 * Every sentence of the memory tool. Models were trained on most of them and programs compare them: they stay as Anthropic's
 * documentation and SDK spell them, `Error: ` included or not.
 */
export const TEXTS = {
  outside: (given: string) => `Path must start with /memories, got: ${repeated(given)}`,
  escapes: (given: string) => `Path ${repeated(given)} would escape /memories directory`,
  refused: (given: string, fault: string) => `Path ${repeated(given)} is not allowed: ${fault}`,
};

/** What the caller wrote, as far as a sentence can hold it. */
function repeated(given: string): string {
  return clipped(presentable(given), LIMITS.answer.faultChars);
}
