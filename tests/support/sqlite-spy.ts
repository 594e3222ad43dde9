import { DatabaseSync } from "node:sqlite";
import { isMainThread } from "node:worker_threads";

/**
 * Loaded into a server with `--import`, before its own code: writes on stderr, as `sqlite on the main thread: …`, what is
 * asked of SQLite there. In worker threads it does nothing.
 */
if (isMainThread) {
  told("exec");
  told("prepare");
}

function tell(statement: string): void {
  process.stderr.write(`sqlite on the main thread: ${statement}\n`);
}

function told(name: "exec" | "prepare"): void {
  const asked: unknown = Reflect.get(DatabaseSync.prototype, name);
  if (typeof asked !== "function") throw new Error(`SQLite has no ${name}`);
  Reflect.set(DatabaseSync.prototype, name, function (this: unknown, ...args: unknown[]): unknown {
    tell(String(args[0]));
    return Reflect.apply(asked, this, args);
  });
}
