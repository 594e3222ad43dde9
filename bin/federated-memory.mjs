#!/usr/bin/env node
// Starts the server program under a Node that runs TypeScript files as they are. Where this one is too old, the Node
// that `npm ci` put beside us takes over, with the same arguments, streams and signals.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import * as modules from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const NEEDED = 24;
const root = join(import.meta.dirname, "..");
const main = join(root, "server/main.ts");

beginAnew();
stopWithNpm();
if (Number(process.versions.node.split(".")[0]) >= NEEDED) {
  // As compile-cache.ts does, but before the first file is loaded that has types: what strips them takes 15 MB for good.
  modules.enableCompileCache(join(root, "node_modules/.cache/federated-memory"));
  await import(pathToFileURL(main).href);
} else {
  const installed = join(
    root,
    "node_modules",
    `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`,
    "bin",
  );
  const node = join(installed, process.platform === "win32" ? "node.exe" : "node");
  if (existsSync(node)) handOver(node);
  else {
    process.stderr.write(
      `federated-memory needs Node ${NEEDED} or later; this is ${process.version}.\nRun npm ci in its folder, or install Node ${NEEDED}.\n`,
    );
    process.exitCode = 1;
  }
}

/**
 * Lets the server's program begin again in the same process with settings of glibc's allocator, which are read at the start
 * only. Left alone it keeps a heap for each of many threads and holds on to what was freed: at 100,000 files and 10,000
 * sessions a seventh of the server's memory. Other commands end soon.
 */
function beginAnew() {
  const [command = "serve"] = process.argv.slice(2);
  const env = withAllocator(process.env);
  const isThere = Object.keys(env).length === Object.keys(process.env).length;
  if (process.platform !== "linux" || command !== "serve" || isThere || !process.execve) return;
  process.execve(
    process.execPath,
    [process.execPath, ...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)],
    env,
  );
}

/** The environment with what is missing of those settings; what its owner has set stays. */
function withAllocator(env) {
  return { ...JSON.parse(readFileSync(join(import.meta.dirname, "allocator.json"), "utf8")), ...env };
}

/**
 * `npm start` runs us below a shell of its own. A SIGTERM to npm ends npm and the shell, but never reaches us: so
 * when they are gone, stop as if it had.
 */
function stopWithNpm() {
  if (process.env.npm_lifecycle_event !== "start" || process.platform === "win32") return;
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    process.kill(process.pid, "SIGTERM");
  }, 250);
  watch.unref();
}

function handOver(node) {
  const child = spawn(node, [main, ...process.argv.slice(2)], {
    stdio: "inherit",
    env: withAllocator(process.env),
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? (signal === "SIGINT" ? 130 : 143);
  });
}
