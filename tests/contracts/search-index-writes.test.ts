import { mkdir, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { IndexLab, OTHER, SOON, WS } from "../support/index-lab.ts";
import { ID, line, upload } from "../support/session-store.ts";

describe("what the server writes", () => {
  it("counts as changed from the moment it is told until the index holds it", async () => {
    await using lab = await IndexLab.make(WS);
    await lab.start();
    await lab.settled();
    await writeFile(lab.place(WS, "knowledge/a.md"), "alpha");
    await writeFile(lab.place(WS, "overview.md"), "alpha");

    lab.index.knowledgeChanged(WS, "a.md");
    lab.index.knowledgeChanged(WS, undefined);
    const changed = [
      { workspaceId: WS, path: "a.md" },
      { workspaceId: WS, path: undefined },
    ];
    expect(lab.index.knowledge([WS, OTHER])).toMatchObject({ held: [WS], unheld: [OTHER], changed });

    await expect.poll(() => lab.index.knowledge([WS]).changed, SOON).toEqual([]);
    expect(lab.files("alpha")).toEqual(["", "a.md"]);
  });

  it("is indexed in a workspace that the index has not heard of", async () => {
    await using lab = await IndexLab.make(WS);
    await lab.start();
    await mkdir(lab.place(OTHER, "knowledge"), { recursive: true });
    await writeFile(lab.place(OTHER, "knowledge/a.md"), "alpha");

    lab.index.knowledgeChanged(OTHER, "a.md");

    await expect.poll(() => lab.index.knowledge([OTHER]).held, SOON).toEqual([OTHER]);
    expect(lab.files("alpha")).toEqual(["a.md"]);
  });

  it("waits, as the status says, while more may be stored: sessions", async () => {
    await using lab = await IndexLab.make(WS);
    await lab.start();
    await lab.settled();

    await lab.sessions.upload(WS, upload(ID, Buffer.from(line("alpha"))));
    const status = await lab.index.status();
    const { sessions } = await lab.settled();

    expect(status).toMatchObject({ state: "building", sessions: { indexed: 0, pending: 1 } });
    expect(sessions).toEqual({ indexed: 1, pending: 0, failed: 0 });
  });

  it("is missing until the index holds it: sessions", async () => {
    await using lab = await IndexLab.make(WS);
    await lab.start();
    await lab.settled();
    const missing = async () => (await lab.index.sessions([WS])).missing.map(({ sessionId }) => sessionId);

    await lab.sessions.upload(WS, upload(ID, Buffer.from(line("alpha"))));
    await lab.sessions.upload(WS, upload("fork", Buffer.from(line("alpha"))));
    const [archive] = await lab.sessions.archives(WS);
    const { held, missing: first } = await lab.index.sessions([WS]);
    expect([...held.values(), ...first]).toEqual([archive]);

    await expect.poll(missing, SOON).toEqual([]);
    expect([...(await lab.index.sessions([WS])).held.values()]).toEqual([archive]);
    expect(lab.archives("alpha")).toEqual([archive?.sessionId]);
  });
});
