/** A process that takes the lock of the MEMORY_ROOT it is given, says so, and holds it until its stdin ends. */
import { AppError } from "../../contract/errors.ts";
import { acquireLock } from "../../server/storage/lock.ts";

const [, , root = ""] = process.argv;
try {
  await using _lock = await acquireLock(root);
  process.stdout.write("locked\n");
  await process.stdin.resume().toArray();
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  process.stdout.write(`${error.code}: ${error.message}\n`);
  process.stdin.destroy();
  process.exitCode = 1;
}
