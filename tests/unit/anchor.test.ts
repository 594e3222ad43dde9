import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { knowledgeAnchor, overviewAnchor, parseAnchor, sessionAnchor } from "../../contract/anchor.ts";
import { DocumentPath } from "../../contract/document-path.ts";

const WORKSPACE = "laptop-claude-code-webshop";

describe("an anchor", () => {
  it("gives back what it was made of", () => {
    const lines = { first: 120, last: 134 };

    expect(parseAnchor(sessionAnchor("日本-codex-店", "01a1.agent-7", 120, 134))).toEqual({
      workspaceId: "日本-codex-店",
      kind: "session",
      sessionId: "01a1.agent-7",
      lines,
    });
    expect(parseAnchor(knowledgeAnchor(WORKSPACE, "auto/über uns.md", 12))).toEqual({
      workspaceId: WORKSPACE,
      kind: "knowledge",
      path: "auto/über uns.md",
      lines: { first: 12, last: 12 },
    });
    expect(knowledgeAnchor(WORKSPACE, "/memories/a b.md")).toBe(`memory://${WORKSPACE}/memories/a%20b.md`);
    expect(parseAnchor(`memory://${WORKSPACE}/memories/a%20b.md#L3`)).toEqual({
      workspaceId: WORKSPACE,
      kind: "knowledge",
      path: "/memories/a b.md",
      lines: { first: 3, last: 3 },
    });
    expect(parseAnchor(knowledgeAnchor(WORKSPACE, "memories/a b.md"))).toMatchObject({
      path: "memories/a b.md",
    });
    expect(parseAnchor(overviewAnchor(WORKSPACE))).toEqual({
      workspaceId: WORKSPACE,
      kind: "overview",
      lines: undefined,
    });
  });

  it("gives back every good path", () => {
    const text = fc.string({ unit: "binary" });
    const goodPath = fc
      .oneof(
        text,
        text.map((path) => `/memories/${path}`),
      )
      .filter((path) => DocumentPath.safeParse(path).success);

    fc.assert(
      fc.property(goodPath, (path) => {
        const canonical = DocumentPath.parse(path);
        expect(parseAnchor(knowledgeAnchor(WORKSPACE, canonical))).toMatchObject({ path: canonical });
      }),
    );
  });

  it.each([
    "",
    "https://example.com",
    `memory://${WORKSPACE}`,
    `memory://${WORKSPACE}/`,
    `memory://${WORKSPACE}/overview.md/`,
    `memory://${WORKSPACE}/knowledge/`,
    `memory://${WORKSPACE}/memories/`,
    `memory://${WORKSPACE}/memories/../identity.json`,
    `memory://${WORKSPACE}/memories//a.md`,
    `memory://${WORKSPACE}/memories/a%2fb.md`,
    `memory://${WORKSPACE}/knowledge//memories/a.md`,
    `memory://${WORKSPACE}//memories/a.md`,
    `memory://${WORKSPACE}/knowledge/../identity.json`,
    `memory://${WORKSPACE}/knowledge/%2e%2e/identity.json`,
    `memory://${WORKSPACE}/knowledge/a%2fb.md`,
    `memory://${WORKSPACE}/knowledge/%zz.md`,
    `memory://${WORKSPACE}/knowledge/a.md?version=1`,
    `memory://${WORKSPACE}/knowledge/a.md#L0`,
    `memory://${WORKSPACE}/knowledge/a.md#L9-2`,
    `memory://${WORKSPACE}/sessions/a/b`,
    `memory://me:pw@${WORKSPACE}/overview.md`,
    "memory://UPPER-case-x/overview.md",
  ])("is not %s", (text) => {
    expect(parseAnchor(text)).toBeUndefined();
  });
});
