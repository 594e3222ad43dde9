import { describe, expect, it } from "vitest";
import * as z from "zod";
import { knowledgeAnchor, overviewAnchor, parseAnchor, sessionAnchor } from "../../contract/anchor.ts";
import { corpus } from "../support/corpus.ts";

const WORKSPACE = "laptop-codex-webshop";
const Row = z.object({ id: z.string(), expect: z.enum(["accept", "reject"]), uri: z.unknown() });

/** The rows speak of `workspace://` and of files right below the workspace; ours lie in `knowledge/`. */
function ours(uri: string): string {
  return uri
    .replace(/^workspace:/i, (scheme) => (scheme === "workspace:" ? "memory:" : "MEMORY:"))
    .replaceAll("{WS}", WORKSPACE)
    .replaceAll("{OTHER_WS}", "desktop-codex-other");
}

const rows = corpus("resource-uris.jsonl", Row).flatMap(({ id, expect, uri }) =>
  typeof uri === "string" ? [{ id, expect, uri: ours(uri) }] : [],
);
const inKnowledge = (uri: string) => uri.replace(new RegExp(`^(memory://${WORKSPACE}/)`), "$1knowledge/");

describe("hostile addresses", () => {
  const rejects = rows.filter((row) => row.expect === "reject");

  it.each(rejects)("refuses $id as it is", ({ uri }) => {
    expect(parseAnchor(uri)).toBeUndefined();
  });

  it.each(rejects)("refuses $id below knowledge", ({ uri }) => {
    expect(parseAnchor(inKnowledge(uri))).toBeUndefined();
  });

  it.each(rejects)("refuses $id below sessions", ({ uri }) => {
    expect(parseAnchor(inKnowledge(uri).replace("/knowledge/", "/sessions/"))).toBeUndefined();
  });

  it.each([
    `memory://${WORKSPACE}/knowledge/../overview.md`,
    `memory://${WORKSPACE}/knowledge/%2e%2e/overview.md`,
    `memory://${WORKSPACE}/knowledge/a%2Fb.md`,
    `memory://${WORKSPACE}/knowledge/`,
    `memory://${WORKSPACE}/knowledge`,
    `memory://${WORKSPACE}/overview.md/`,
    `memory://${WORKSPACE}/overview.md#L0`,
    `memory://${WORKSPACE}/overview.md#L9-3`,
    `memory://${WORKSPACE}/overview.md#top`,
    `memory://${WORKSPACE}/overview.md?x=1`,
    `memory://${WORKSPACE}/identity.json`,
    `memory://${WORKSPACE}/sessions/a/b`,
    `memory://${WORKSPACE.toUpperCase()}/overview.md`,
    ` memory://${WORKSPACE}/overview.md`,
    `memory://${WORKSPACE}/overview.md\n`,
  ])("refuses %j", (uri) => {
    expect(parseAnchor(uri)).toBeUndefined();
  });
});

describe("good addresses", () => {
  it.each(rows.filter((row) => row.expect === "accept"))("reads $id", ({ uri }) => {
    const anchor = parseAnchor(uri.endsWith("/overview.md") ? uri : inKnowledge(uri));

    expect(anchor).toMatchObject({ workspaceId: WORKSPACE, lines: undefined });
  });

  it("undoes percent-encoding exactly once", () => {
    const anchor = parseAnchor(`memory://${WORKSPACE}/knowledge/notes/a%20b%26c.md`);

    expect(anchor).toMatchObject({ kind: "knowledge", path: "notes/a b&c.md" });
  });

  it.each(["auto/design.md", "日本語/メモ.md", "a b&c=d;e.md", "100% sure.md", "it's (1) #2.md"])(
    "reads back the anchor of the file %s",
    (path) => {
      const anchor = parseAnchor(knowledgeAnchor(WORKSPACE, path, 12, 34));

      expect(anchor).toEqual({
        kind: "knowledge",
        workspaceId: WORKSPACE,
        path: path.normalize("NFC"),
        lines: { first: 12, last: 34 },
      });
    },
  );

  it("reads back the anchors of a session and of an overview", () => {
    const session = parseAnchor(sessionAnchor("büro-codex-größe", "b8cce553.agent-1", 7));
    const overview = parseAnchor(overviewAnchor("büro-codex-größe"));

    expect(session).toEqual({
      kind: "session",
      workspaceId: "büro-codex-größe",
      sessionId: "b8cce553.agent-1",
      lines: { first: 7, last: 7 },
    });
    expect(overview).toEqual({ kind: "overview", workspaceId: "büro-codex-größe", lines: undefined });
  });
});
