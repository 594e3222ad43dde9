import { readdir, readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { ServerProcess } from "../support/server-process.ts";
import { AI_TOKEN, SYNC_TOKEN } from "../support/server.ts";
import { tempFolder } from "../support/temp-folder.ts";

it.runIf(process.platform === "linux")(
  "lets threads that compile and that search give way to the one that answers, and the one that indexes to all",
  async () => {
    await using folder = await tempFolder();
    await using server = await ServerProcess.start(folder.path);

    const registered = await fetch(`${server.url}/api/v1/workspaces`, {
      method: "POST",
      headers: { authorization: `Bearer ${SYNC_TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify({ machine: "laptop", tool: "codex", project: "shop" }),
    });
    const found = await fetch(`${server.url}/api/v1/search/knowledge?query=anything&mode=literal`, {
      headers: { authorization: `Bearer ${AI_TOKEN}` },
    });
    const main = await niceOf(server.child.pid, server.child.pid);
    const threads = await nicesOf(server.child.pid);

    expect([registered.status, found.status]).toEqual([201, 200]);
    expect(threads).toContain(main + 8);
    expect(threads).toContain(main + 15);
    expect(threads).toContain(main + 19);
  },
);

async function nicesOf(pid: number | undefined): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  return Promise.all(threads.map((thread) => niceOf(pid, thread)));
}

/** Fields of `stat` are counted behind the name, which may hold anything: the priority is the 17th. */
async function niceOf(pid: number | undefined, thread: string | number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/task/${thread}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16]);
}
