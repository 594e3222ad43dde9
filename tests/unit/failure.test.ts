import { expect, it } from "vitest";
import { AppError } from "../../contract/errors.ts";
import { failureOf } from "../../server/observe/failure.ts";

it.each([
  ["refused", new AppError("invalid_input", "no"), {}],
  ["refused", new AppError("conflict", "no"), {}],
  ["failed", new AppError("unavailable", "the disk"), {}],
  ["failed", new AppError("storage_full", "full"), {}],
  ["failed", new AppError("damaged", "bytes"), {}],
  ["failed", new TypeError("a defect"), {}],
  ["busy", new AppError("unavailable", "too many"), { isAdmitted: false }],
  ["aborted", new AppError("unavailable", "too many"), { isAdmitted: false, signal: AbortSignal.abort() }],
  ["aborted", new TypeError("read of nothing"), { signal: AbortSignal.abort() }],
])("work ended %s by %o, %o", (how, error, circumstances) => {
  expect(failureOf(error, circumstances)).toBe(how);
});
