import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { IndexStatus } from "../../contract/wire.ts";

const LocalAdmin = z.object({ url: z.string(), token: z.string() });

/** What the running server says of its index. */
export async function indexStatus(root: string): Promise<IndexStatus> {
  const { url, token } = LocalAdmin.parse(
    JSON.parse(await readFile(join(root, "_meta/local-admin.json"), "utf8")),
  );
  const answer = await fetch(`${url}/api/v1/admin/index`, { headers: { authorization: `Bearer ${token}` } });
  return IndexStatus.parse(await answer.json());
}

/** Waits until the index holds everything; what people changed by hand is noticed within two seconds, so ask after that. */
export async function indexSettled(root: string): Promise<IndexStatus> {
  for (;;) {
    const status = await indexStatus(root);
    if (status.state === "ready" && status.knowledge.pending === 0 && status.sessions.pending === 0)
      return status;
    await sleep(20);
  }
}
