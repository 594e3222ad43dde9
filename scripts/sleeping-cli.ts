import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { compileFunction } from "node:vm";

type RunCli = (argv: readonly string[]) => Promise<number>;

/** Around the code of the commands in the bundle: a comment, which costs next to nothing to read over. */
export const SLEEP = { from: "\n/*asleep*", to: "\n*asleep*/\n", end: "*/", standIn: "*%/" } as const;

/**
 * Stands in for `client/cli.ts` in the bundle: wakes the commands that sleep in a comment of the same file. A hook would
 * pay for compiling them as much as for all that it does.
 */
export const runCli: RunCli = async (argv) => {
  const path = fileURLToPath(import.meta.url);
  const file = readFileSync(path, "utf8");
  const start = file.lastIndexOf(SLEEP.from);
  const code = file.slice(start + SLEEP.from.length, file.lastIndexOf(SLEEP.to));
  const evaluate = compileFunction(code.replaceAll(SLEEP.standIn, SLEEP.end), ["require", "module"], {
    filename: path,
    lineOffset: file.slice(0, start).split("\n").length,
  });
  const module: { exports: { runCli?: RunCli } } = { exports: {} };
  evaluate(createRequire(import.meta.url), module);
  if (module.exports.runCli === undefined) throw new Error("the program's file is not whole");
  return module.exports.runCli(argv);
};
