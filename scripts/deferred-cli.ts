import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { compileFunction } from "node:vm";

type RunCli = (argv: readonly string[]) => Promise<number>;

/** Around the code of the commands in the bundle: a comment, which costs next to nothing to read over. */
export const DEFERRED = { from: "\n/*deferred*", to: "\n*deferred*/\n", end: "*/", standIn: "*%/" } as const;

/**
 * Stands in for `client/cli.ts` in the bundle: compiles the commands, which stand in a comment of the same file, when one
 * is asked for. A hook would pay for compiling them as much as for all that it does.
 */
export const runCli: RunCli = async (argv) => {
  const path = fileURLToPath(import.meta.url);
  const file = readFileSync(path, "utf8");
  const start = file.lastIndexOf(DEFERRED.from);
  const code = file.slice(start + DEFERRED.from.length, file.lastIndexOf(DEFERRED.to));
  const evaluate = compileFunction(code.replaceAll(DEFERRED.standIn, DEFERRED.end), ["require", "module"], {
    filename: path,
    lineOffset: file.slice(0, start).split("\n").length,
  });
  const module: { exports: { runCli?: RunCli } } = { exports: {} };
  evaluate(createRequire(import.meta.url), module);
  if (module.exports.runCli === undefined) throw new Error("the program's file is not whole");
  return module.exports.runCli(argv);
};
