import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { call } from "../support/answers.ts";
import { startServer } from "../support/server.ts";
import { tempFolder } from "../support/temp-folder.ts";

const HANG_MS = 30_000;

it("shows in a list of workspaces what people added and removed by hand", async () => {
  await using root = await tempFolder();
  await using server = await startServer({ root: root.path });
  const sync = await server.connectSync();
  const { id, writeToken } = await server.register({ machine: "laptop", tool: "codex", project: "atlas" });
  const given = { workspace_id: id, write_token: writeToken };
  const listed = async () => (await call(sync, "list_workspaces")).structured;
  await call(sync, "upload_knowledge", { ...given, path: "notes/a.md", content: "# A\n" });
  const uploaded = await listed();
  const notes = join(root.path, "workspaces", id, "knowledge/notes");

  await writeFile(join(notes, "b.md"), "# By hand\n");
  await writeFile(join(notes, "c.md"), "# By hand too\n");
  const memories = join(root.path, "workspaces", id, "memories");
  await mkdir(memories);
  await writeFile(join(memories, "d.md"), "# D\n");

  expect(uploaded).toMatchObject({ entries: [{ knowledge_files: 1, bytes: 4 }] });
  await expect
    .poll(listed, { timeout: HANG_MS })
    .toMatchObject({ entries: [{ knowledge_files: 4, bytes: 32 }] });
  await rm(notes, { recursive: true });
  await rm(memories, { recursive: true });
  await expect
    .poll(listed, { timeout: HANG_MS })
    .toMatchObject({ entries: [{ knowledge_files: 0, bytes: 0 }] });
});
