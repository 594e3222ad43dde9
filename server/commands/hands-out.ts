import { join } from "node:path";
import { AppError } from "../../contract/errors.ts";
import { readClientFiles } from "../handing-out/client-files.ts";
import type { LocalAdmin } from "../storage/local-admin.ts";
import { VERSION } from "../version.ts";

/** The folder this program is installed in. */
const PROGRAM = join(import.meta.dirname, "../..");
const ASK_MS = 2000;

/** What to do where no client was built. */
const BUILD_CLIENT = "In the server's folder: npm ci && npm run build, then start the server again";

/**
 * Throws `unavailable` when the server, or while none runs this program, has no client to hand out: a line that fetches it
 * would fail on every machine.
 */
export async function assertHandsOut(running: LocalAdmin | undefined): Promise<void> {
  const isThere =
    (await answersWithClient(running)) ?? (await readClientFiles(PROGRAM, VERSION)) !== undefined;
  if (isThere) return;
  throw new AppError("unavailable", "There is no client to hand out: it is not built", {
    hint: BUILD_CLIENT,
  });
}

/** Undefined when no server answers. */
async function answersWithClient(running: LocalAdmin | undefined): Promise<boolean | undefined> {
  if (running === undefined) return undefined;
  try {
    const asked = { method: "HEAD", signal: AbortSignal.timeout(ASK_MS) };
    return (await fetch(new URL("/memory-sync.mjs", running.url), asked)).status !== 404;
  } catch {
    // Whatever it was, the next question to the server says it.
    return undefined;
  }
}
