import { connect } from "node:net";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import {
  AiRegistration,
  ErrorBody,
  KnowledgePage,
  KnowledgeWritten,
  SessionLines,
  SessionPage,
  SessionWritten,
  SyncRegistration,
  WhoAmI,
  WorkspacePage,
  WorkspaceSummary,
} from "../../contract/wire.ts";
import { SessionAnswer } from "../../contract/search.ts";
import { sha256 } from "../../disk/digest.ts";
import { startServer, type TestServer } from "../support/server.ts";

const Overview = z.object({ readme: z.string(), index: z.string(), workspaces: WorkspacePage });

const NAME = { machine: "laptop", tool: "claude-code", project: "webshop" };

/** One line of a Claude Code transcript. */
function line(index: number, said = `message number ${index}`): string {
  const timestamp = new Date(Date.UTC(2026, 8, 1, 10, 0, index)).toISOString();
  const message = { role: "user", content: said };
  return `${JSON.stringify({ type: "user", uuid: `u${index}`, sessionId: "s", cwd: "/home/me/webshop", timestamp, message })}\n`;
}

const TRANSCRIPT = Array.from({ length: 40 }, (_, index) => line(index)).join("");

describe("the HTTP API", () => {
  let server: TestServer;
  let workspaceId: string;
  let writeToken: string;
  let binding: string;

  beforeAll(async () => {
    server = await startServer();
    ({ id: workspaceId, writeToken } = await server.register(NAME));
    ({ binding } = AiRegistration.parse(await (await registerAs(server.tokens.ai)).json()));
  });

  afterAll(() => server[Symbol.asyncDispose]());

  function registerAs(token: string, headers: Record<string, string> = {}): Promise<Response> {
    return server.api("workspaces", {
      method: "POST",
      body: JSON.stringify(NAME),
      headers: { "content-type": "application/json", ...headers },
      token,
    });
  }

  function at(path: string): string {
    return `workspaces/${encodeURIComponent(workspaceId)}/${path}`;
  }

  /** A request of the sync client that feeds the workspace. */
  function feed(method: string, path: string, body: string | Buffer, headers: Record<string, string> = {}) {
    const init = {
      method,
      headers: { "x-workspace-token": writeToken, ...headers },
      token: server.tokens.sync,
    };
    return server.api(at(path), { ...init, body: new Uint8Array(Buffer.from(body)) });
  }

  /** A request of the AI whose workspace it is. */
  function own(method: string, path: string, init: { body?: string; headers?: Record<string, string> } = {}) {
    return server.api(at(path), {
      ...init,
      method,
      headers: { ...init.headers, "x-workspace-binding": binding },
    });
  }

  async function errorOf(response: Response): Promise<{ status: number; code: string }> {
    const { error } = ErrorBody.parse(await response.json());
    return { status: response.status, code: error.code };
  }

  describe("whoami and workspaces", () => {
    it("tell who the token speaks for", async () => {
      const response = await server.api("whoami", { token: server.tokens.sync });

      expect(WhoAmI.parse(await response.json())).toMatchObject({ role: "sync", workspaces: ["*"] });
    });

    it("register once, and again only with the write token", async () => {
      const again = await registerAs(server.tokens.sync, { "x-workspace-token": writeToken });
      const stranger = await registerAs(server.tokens.sync);

      expect(SyncRegistration.parse(await again.json())).toEqual({
        workspace_id: workspaceId,
        created: false,
      });
      expect(await errorOf(stranger)).toEqual({ status: 409, code: "conflict" });
    });

    it("list and show what is there", async () => {
      const page = WorkspacePage.parse(await (await server.api("workspaces?machine=Laptop")).json());
      const none = WorkspacePage.parse(await (await server.api("workspaces?machine=desktop")).json());
      const one = WorkspaceSummary.parse(await (await server.api(`workspaces/${workspaceId}`)).json());

      expect(page.entries.map((entry) => entry.workspace_id)).toContain(workspaceId);
      expect(none.entries).toEqual([]);
      expect(one).toMatchObject({ ...NAME, workspace_id: workspaceId });
    });

    it("name the field that is wrong", async () => {
      const response = await server.api("workspaces", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ ...NAME, machine: "!!!", extra: 1 }),
      });
      const { error } = ErrorBody.parse(await response.json());

      expect(response.status).toBe(400);
      expect(error.message).toMatch(/machine: .*extra/);
    });
  });

  describe("knowledge", () => {
    it("is written, read and listed byte for byte", async () => {
      const text = "# Ünïcode\r\n\nno line feed at the end";

      const created = await feed("PUT", "knowledge/auto/d%C3%A9sign.md", text);
      const read = await server.api(at("knowledge/auto/d%C3%A9sign.md"));
      const list = KnowledgePage.parse(await (await server.api(at("knowledge?prefix=auto/d"))).json());

      expect(created.status).toBe(201);
      expect(KnowledgeWritten.parse(await created.json())).toMatchObject({
        status: "created",
        version: 1,
        path: "auto/désign.md",
      });
      expect(created.headers.get("etag")).toBe(`"${sha256(text)}"`);
      expect(read.headers.get("content-type")).toBe("text/markdown; charset=utf-8");
      expect(read.headers.get("x-version")).toBe("1");
      expect(read.headers.get("last-modified")).toMatch(/GMT$/);
      expect(await read.text()).toBe(text);
      expect(list.entries.map(({ path }) => path)).toEqual(["auto/désign.md"]);
    });

    it("may have its slashes encoded, once", async () => {
      await feed("PUT", "knowledge/deep%2Ffolder%2Fnote.md", "here");

      const read = await server.api(at("knowledge/deep/folder/note.md"));
      const twice = await server.api(at("knowledge/deep%252Ffolder%252Fnote.md"));

      expect(await read.text()).toBe("here");
      expect(twice.status).toBe(400);
    });

    it("is not sent again to who has it", async () => {
      await feed("PUT", "knowledge/cached.md", "cached");
      const tag = `"${sha256("cached")}"`;
      const ask = (known: string) =>
        server.api(at("knowledge/cached.md"), { headers: { "if-none-match": known } });

      const answers = await Promise.all([
        ask(tag),
        ask(`W/${tag}`),
        ask(`"other", ${tag}`),
        ask("*"),
        ask('"other"'),
      ]);

      expect(answers.map(({ status }) => status)).toEqual([304, 304, 304, 304, 200]);
      expect(answers[0]?.headers.get("etag")).toBe(tag);
    });

    it("answers HEAD with everything but the text", async () => {
      await feed("PUT", "knowledge/head.md", "twelve bytes");

      const response = await server.api(at("knowledge/head.md"), { method: "HEAD" });

      expect(response.status).toBe(200);
      expect(response.headers.get("content-length")).toBe("12");
      expect(response.headers.get("etag")).toBe(`"${sha256("twelve bytes")}"`);
      expect(await response.text()).toBe("");
    });

    it("is changed only if it is still what the writer read (I1)", async () => {
      const first = sha256("first");
      await feed("PUT", "knowledge/cas.md", "first");

      const second = await feed("PUT", "knowledge/cas.md", "second", { "if-match": `"${first}"` });
      const late = await feed("PUT", "knowledge/cas.md", "third", { "if-match": `"${first}"` });
      const { error } = ErrorBody.parse(await late.json());

      expect(second.status).toBe(200);
      expect(late.status).toBe(412);
      expect(error).toMatchObject({ code: "conflict", details: { current_sha256: sha256("second") } });
    });

    it("is created only if it is not there", async () => {
      const create = (path: string) => feed("PUT", path, "mine", { "if-none-match": "*" });

      const [first, second] = [
        await create("knowledge/only-once.md"),
        await create("knowledge/only-once.md"),
      ];

      expect(first.status).toBe(201);
      expect(await errorOf(second)).toEqual({ status: 412, code: "conflict" });
    });

    it.each([[{ "if-match": "*" }], [{ "if-match": '"a", "b"' }], [{ "if-none-match": '"abc"' }]])(
      "refuses the precondition %j, which it cannot keep",
      async (headers: Record<string, string>) => {
        const response = await feed("PUT", "knowledge/odd.md", "text", headers);

        expect(await errorOf(response)).toEqual({ status: 400, code: "invalid_input" });
      },
    );

    it("keeps what was overwritten or deleted", async () => {
      await feed("PUT", "knowledge/kept.md", "one");
      await feed("PUT", "knowledge/kept.md", "two");

      const deleted = await own("DELETE", "knowledge/kept.md");
      const gone = await server.api(at("knowledge/kept.md"));
      const version = await server.api(at("knowledge/kept.md?version=1"));

      expect(deleted.status).toBe(200);
      expect(await errorOf(gone)).toEqual({ status: 404, code: "not_found" });
      expect(await version.text()).toBe("one");
    });

    it("is uploaded with the write token and deleted with the binding, not otherwise", async () => {
      await feed("PUT", "knowledge/guarded.md", "text");

      const answers = [
        await feed("PUT", "knowledge/guarded.md", "x", { "x-workspace-token": "fmwt_wrong" }),
        await server.api(at("knowledge/guarded.md"), { method: "PUT", body: "x" }),
        await server.api(at("knowledge/guarded.md"), { method: "DELETE" }),
        await server.api(at("knowledge/guarded.md"), { method: "DELETE", token: server.tokens.sync }),
        await server.api("workspaces/some-other-place/knowledge/guarded.md", {
          method: "DELETE",
          headers: { "x-workspace-binding": binding },
        }),
      ];

      for (const answer of answers) expect(await errorOf(answer)).toEqual({ status: 403, code: "forbidden" });
    });

    it("is text: other bytes are refused and nothing is stored", async () => {
      const broken = await feed("PUT", "knowledge/binary.md", Buffer.from([0xff, 0xfe, 0x00]));
      const read = await server.api(at("knowledge/binary.md"));

      expect(broken.status).toBe(400);
      expect(read.status).toBe(404);
    });
  });

  describe("the overview", () => {
    it("is written by the AI whose workspace it is", async () => {
      const created = await own("PUT", "overview", { body: "# Webshop\n\nSells things." });
      const read = await server.api(at("overview"));
      const summary = WorkspaceSummary.parse(await (await server.api(`workspaces/${workspaceId}`)).json());
      const late = await own("PUT", "overview", {
        body: "# New",
        headers: { "if-match": `"${sha256("old")}"` },
      });

      expect(created.status).toBe(201);
      expect(await read.text()).toContain("Sells things.");
      expect(summary.summary).toBe("Sells things.");
      expect(late.status).toBe(412);
    });

    it("of the whole memory lists the workspaces", async () => {
      const { readme, workspaces } = Overview.parse(await (await server.api("overview")).json());

      expect(readme).toEqual(expect.any(String));
      expect(workspaces.entries.map((entry) => entry.workspace_id)).toContain(workspaceId);
    });
  });

  describe("sessions", () => {
    it("are stored once, whatever the encoding, and come back byte for byte", async () => {
      const digest = sha256(TRANSCRIPT);

      const created = await feed("PUT", "sessions/whole", TRANSCRIPT, { "x-content-sha256": digest });
      const again = await feed("PUT", "sessions/whole", gzipSync(TRANSCRIPT), { "content-encoding": "gzip" });
      const raw = await server.api(at("sessions/whole"));
      const packed = await server.api(at("sessions/whole?format=gzip"), { token: server.tokens.sync });

      expect(created.status).toBe(201);
      expect(SessionWritten.parse(await created.json())).toMatchObject({
        status: "created",
        sha256: digest,
        lines: 40,
      });
      expect(again.status).toBe(200);
      expect(SessionWritten.parse(await again.json()).status).toBe("unchanged");
      expect(raw.headers.get("content-type")).toContain("application/x-ndjson");
      expect(await raw.text()).toBe(TRANSCRIPT);
      expect(packed.headers.get("content-type")).toBe("application/gzip");
      expect(gunzipSync(Buffer.from(await packed.arrayBuffer())).toString()).toBe(TRANSCRIPT);
    });

    it("tell what is stored, and take only the rest", async () => {
      await feed("PUT", "sessions/grows", TRANSCRIPT);
      const grown = TRANSCRIPT + line(41);

      const stored = await server.api(at("sessions/grows"), { method: "HEAD" });
      const offset = stored.headers.get("x-session-bytes") ?? "";
      const appended = await feed("PATCH", "sessions/grows", line(41), {
        "upload-offset": offset,
        "x-content-sha256": sha256(grown),
      });
      const late = await feed("PATCH", "sessions/grows", line(42), { "upload-offset": offset });
      const { error } = ErrorBody.parse(await late.json());
      const read = await server.api(at("sessions/grows"));

      expect(offset).toBe(String(Buffer.byteLength(TRANSCRIPT)));
      expect(stored.headers.get("x-session-sha256")).toBe(sha256(TRANSCRIPT));
      expect(SessionWritten.parse(await appended.json())).toMatchObject({ status: "appended", lines: 41 });
      expect(late.status).toBe(409);
      expect(error).toMatchObject({
        code: "conflict",
        details: { bytes: Buffer.byteLength(grown), sha256: sha256(grown) },
      });
      expect(await read.text()).toBe(grown);
    });

    it("with another digest than announced are not stored", async () => {
      const refused = await feed("PUT", "sessions/lied", TRANSCRIPT, {
        "x-content-sha256": sha256("something else"),
      });
      const stored = await server.api(at("sessions/lied"), { method: "HEAD" });

      expect(refused.status).toBe(400);
      expect(stored.status).toBe(404);
    });

    it("can be read in part", async () => {
      await feed("PUT", "sessions/ranged", TRANSCRIPT);
      const size = Buffer.byteLength(TRANSCRIPT);
      const ask = (range: string) => server.api(at("sessions/ranged"), { headers: { range } });

      const [middle, end, beyond] = await Promise.all([
        ask("bytes=100-299"),
        ask("bytes=-50"),
        ask(`bytes=${size}-`),
      ]);

      expect(middle.status).toBe(206);
      expect(middle.headers.get("content-range")).toBe(`bytes 100-299/${size}`);
      expect(await middle.text()).toBe(TRANSCRIPT.slice(100, 300));
      expect(await end.text()).toBe(TRANSCRIPT.slice(-50));
      expect(beyond.status).toBe(416);
      expect(beyond.headers.get("content-range")).toBe(`bytes */${size}`);
    });

    it("are not sent again to who has them", async () => {
      await feed("PUT", "sessions/cached", TRANSCRIPT);
      const { headers } = await server.api(at("sessions/cached"), { method: "HEAD" });
      const tag = headers.get("etag") ?? "";

      const same = await server.api(at("sessions/cached"), { headers: { "if-none-match": tag } });

      expect(same.status).toBe(304);
    });

    it("are read by page, listed and found", async () => {
      await feed("PUT", "sessions/found", line(0, "the pelican nests in the harbour"));

      const lines = SessionLines.parse(
        await (await server.api(at("sessions/found/lines?view=conversation"))).json(),
      );
      const listed = SessionPage.parse(await (await server.api(at("sessions?limit=500"))).json());
      const everywhere = SessionPage.parse(await (await server.api("sessions?limit=500")).json());
      const found = await server.api("search/sessions?query=pelican&mode=literal&limit=5");

      expect(lines.text).toContain("pelican");
      expect(listed.entries.map((entry) => entry.session_id)).toContain("found");
      expect(everywhere.entries).toEqual(listed.entries);
      expect(SessionAnswer.parse(await found.json()).hits).toMatchObject([{ session_id: "found", line: 1 }]);
    });

    it("show an AI masks where this server's secrets were, of the same length (S8)", async () => {
      const secret = `fmwt_${"0123456789abcdef".repeat(2)}`;
      const transcript = line(0, `the token is ${secret}`);
      await feed("PUT", "sessions/secretive", transcript);

      const shown = await (await server.api(at("sessions/secretive"))).text();
      const verbatim = await (
        await server.api(at("sessions/secretive"), { token: server.tokens.sync })
      ).text();

      expect(shown).toBe(transcript.replace(secret, `fmwt_${"*".repeat(32)}`));
      expect(verbatim).toBe(transcript);
    });

    it("that break off in the middle leave nothing behind (A2)", async () => {
      const { hostname, port } = new URL(server.url);
      const socket = connect(Number(port), hostname);
      const head = [
        `PUT /api/v1/${at("sessions/broken")} HTTP/1.1`,
        `Host: ${hostname}`,
        `Authorization: Bearer ${server.tokens.sync}`,
        `X-Workspace-Token: ${writeToken}`,
        "Content-Length: 1000000",
      ];
      await new Promise((sent) => socket.write(`${head.join("\r\n")}\r\n\r\n${TRANSCRIPT}`, sent));
      socket.resetAndDestroy();

      const retried = await feed("PUT", "sessions/broken", TRANSCRIPT);

      expect(SessionWritten.parse(await retried.json())).toMatchObject({ status: "created", lines: 40 });
    });

    it("need the write token", async () => {
      const response = await feed("PUT", "sessions/stolen", TRANSCRIPT, {
        "x-workspace-token": "fmwt_wrong",
      });

      expect(await errorOf(response)).toEqual({ status: 403, code: "forbidden" });
    });

    it.each(["br", "gzip, gzip", "deflate"])("encoded as %s are refused", async (encoding) => {
      const response = await feed("PUT", "sessions/odd", TRANSCRIPT, { "content-encoding": encoding });

      expect(response.status).toBe(400);
    });

    it("say that they are gzip and are not: refused, nothing stored", async () => {
      const response = await feed("PUT", "sessions/not-gzip", TRANSCRIPT, { "content-encoding": "gzip" });
      const stored = await server.api(at("sessions/not-gzip"), { method: "HEAD" });

      expect(response.status).toBe(400);
      expect(stored.status).toBe(404);
    });
  });
});
