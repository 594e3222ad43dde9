import { rename, symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { sha256 } from "../../disk/digest.ts";
import { call } from "../support/answers.ts";
import { startServer } from "../support/server.ts";
import { line } from "../support/session-store.ts";
import { storedTextIn } from "../support/stored-text.ts";
import { tempFolder } from "../support/temp-folder.ts";

const TRANSCRIPT = line("Where is the zebracorn?");

it.each(["knowledge", "sessions"])("of which %s is a link hides nothing of the others", async (folder) => {
  await using root = await tempFolder();
  const { bad, good } = await fill(root.path);
  const path = join(root.path, "workspaces", bad, folder);
  await rename(path, `${path}.moved`);
  await symlink(`${path}.moved`, path);
  await using server = await startServer({ root: root.path });
  const ai = await server.connectAi();

  const overview = await call(ai, "get_overview");
  const workspaces = await call(ai, "list_workspaces");
  const sessions = await call(ai, "list_sessions");
  const foundKnowledge = await call(ai, "search_knowledge", { query: "zebracorn" });
  const foundSessions = await call(ai, "search_sessions", { query: "zebracorn" });
  const own = await call(ai, folder === "sessions" ? "list_sessions" : "list_knowledge", {
    workspace_id: bad,
  });

  expect(storedTextIn(overview.text)).toContain(`- ${good}: 1 knowledge files, 1 sessions`);
  expect(workspaces.structured).toMatchObject({
    entries: [
      { workspace_id: bad, [folder === "sessions" ? "sessions" : "knowledge_files"]: 0 },
      { workspace_id: good, knowledge_files: 1, sessions: 1 },
    ],
  });
  expect(sessions.text).toContain(`"workspace_id":"${good}"`);
  expect(foundKnowledge.structured).toMatchObject({
    hits: expect.arrayContaining([expect.objectContaining({ workspace_id: good })]),
  });
  expect(foundSessions.structured).toMatchObject({
    hits: expect.arrayContaining([expect.objectContaining({ workspace_id: good })]),
  });
  expect(own.text).toMatch(/^forbidden: /);
});

/** Two workspaces, each with a knowledge file and a session. */
async function fill(root: string): Promise<{ bad: string; good: string }> {
  await using server = await startServer({ root });
  const sync = await server.connectSync();
  const upload = async (project: string) => {
    const { id, writeToken } = await server.register({ machine: "laptop", tool: "codex", project });
    const given = { workspace_id: id, write_token: writeToken };
    await call(sync, "upload_knowledge", { ...given, path: "a.md", content: "# A zebracorn\n" });
    const session = { session_id: "s1", content: TRANSCRIPT, sha256: sha256(TRANSCRIPT) };
    await call(sync, "upload_session", { ...given, ...session });
    return id;
  };
  return { bad: await upload("bad"), good: await upload("good") };
}
