import { buffer } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import {
  ID,
  WORKSPACE,
  line,
  rawText,
  sessionStore,
  streamOf,
  text,
  upload,
} from "../support/session-store.ts";

describe("listing", () => {
  it("gives newest first across workspaces, in pages that neither repeat nor skip", async () => {
    await using lab = await sessionStore();
    const at = (day: number): Buffer =>
      Buffer.from(
        `${JSON.stringify({ type: "user", sessionId: "x", timestamp: `2026-03-${String(day).padStart(2, "0")}T00:00:00Z`, message: { content: `day ${day}` } })}\n`,
      );
    for (let day = 1; day <= 9; day += 1)
      await lab.store.upload(day % 2 === 0 ? WORKSPACE : "b-b-b", upload(`s${day}`, at(day)));

    const days: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await lab.store.list([WORKSPACE, "b-b-b"], { limit: 2, cursor });
      days.push(...page.entries.map(({ first_prompt }) => first_prompt));
      cursor = page.next_cursor;
      if (days.length === 4) await lab.store.upload(WORKSPACE, upload("newer", at(20)));
    } while (cursor !== undefined);

    expect(days).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1].map((day) => `day ${day}`));
    const filtered = await lab.store.list([WORKSPACE, "b-b-b"], {
      after: "2026-03-03",
      before: "2026-03-06T00:00:00Z",
    });
    expect(filtered.entries.map(({ session_id }) => session_id)).toEqual(["s5", "s4", "s3"]);
    await expect(lab.store.list([WORKSPACE], { after: "last week" })).rejects.toMatchObject({
      code: "invalid_input",
    });
    await expect(lab.store.list([WORKSPACE], { cursor: "bogus" })).rejects.toMatchObject({
      code: "invalid_input",
    });
  });

  it("fits into an answer", async () => {
    await using lab = await sessionStore();
    for (let index = 0; index < 120; index += 1)
      await lab.store.upload(
        WORKSPACE,
        upload(`s${index}`, Buffer.from(line(`${index} ${"long ".repeat(100)}`))),
      );

    const page = await lab.store.list([WORKSPACE], {});

    expect(Buffer.byteLength(JSON.stringify(page.entries))).toBeLessThanOrEqual(LIMITS.answer.defaultBytes);
    expect(page.next_cursor).toBeDefined();
  });
});

describe("reading a page", () => {
  const say = (role: "user" | "assistant", content: unknown): string =>
    `${JSON.stringify({ type: role, sessionId: ID, message: { role, content } })}\n`;

  it("shows who said and did what, and what was left out", async () => {
    await using lab = await sessionStore();
    const bytes = [
      say("user", "two\nlines"),
      '{"type":"attachment"}\n',
      say("assistant", [
        { type: "thinking", thinking: "hm" },
        { type: "tool_use", name: "Bash", input: { command: "ls" } },
      ]),
      say("user", [{ type: "tool_result", content: "x".repeat(LIMITS.sessions.toolChars + 5) }]),
    ].join("");
    await lab.store.upload(WORKSPACE, upload(ID, Buffer.from(bytes)));

    const page = await lab.store.page(WORKSPACE, ID, "conversation", {});

    expect(page).toMatchObject({
      from_line: 1,
      last_line: 4,
      anchor: `memory://${WORKSPACE}/sessions/${ID}#L1-4`,
    });
    expect(page.next_line).toBeUndefined();
    expect(page.text).toBe(
      `1  user: two\n    lines\n3  thinking: hm\n3  tool_call Bash: ls\n4  tool_result: ${"x".repeat(LIMITS.sessions.toolChars)}… [5 more characters; view raw]`,
    );
  });

  it("masks our own secrets and shows what is invisible, in every view and stream for an AI", async () => {
    await using lab = await sessionStore();
    const secret = `fmwt_${"Ab1-".repeat(11)}`;
    const bytes = Buffer.from(say("user", `token:\n${secret} \u202eevil ${secret.replace("_", "\\u005f")}`));
    await lab.store.upload(WORKSPACE, upload(ID, bytes));

    const raw = await lab.store.page(WORKSPACE, ID, "raw", {});
    const talk = await lab.store.page(WORKSPACE, ID, "conversation", {});
    const masked = await streamOf(lab, ID, { gzip: true, mask: true });
    const streamed = await buffer(masked.stream);

    for (const shown of [raw.text, talk.text, streamed.toString()]) {
      expect(shown).not.toContain(secret);
      expect(shown).toContain(`fmwt_${"*".repeat(44)}`);
    }
    expect(raw.text).toContain("\\u{202e}evil");
    expect(masked).toMatchObject({ encoding: "identity", sizeBytes: bytes.length });
    expect(streamed).toHaveLength(bytes.length);
    const part = { fromByte: bytes.indexOf("fmwt_") + 20, toByte: bytes.indexOf("evil") };
    const cut = await streamOf(lab, ID, { mask: true }, part);
    expect((await buffer(cut.stream)).toString()).not.toContain("Ab1-");
    expect((await text(lab, ID)).equals(bytes)).toBe(true);
  });

  it("cuts lines that are longer than a page, never inside a character, and goes on where it stopped", async () => {
    await using lab = await sessionStore();
    const raw = `{"a":"${"😀é".repeat(5000)}"}\n{}\n{"b":"${"z".repeat(9000)}"}`;
    await lab.store.upload(WORKSPACE, upload(ID, Buffer.from(raw)));

    const first = await lab.store.page(WORKSPACE, ID, "raw", { max_bytes: 1000 });

    expect(first).toMatchObject({ next_line: 1, last_line: 1 });
    expect(first.text.isWellFormed()).toBe(true);
    for (const maxBytes of [1000, 777, 20]) expect(await rawText(lab, ID, maxBytes)).toBe(raw);
  });

  it("never gives more than the largest answer, and something even for the smallest", async () => {
    await using lab = await sessionStore();
    await lab.store.upload(WORKSPACE, upload(ID, Buffer.from(`{"a":"${"z".repeat(2_000_000)}"}\n`)));

    const most = await lab.store.page(WORKSPACE, ID, "raw", { max_bytes: 10_000_000 });
    const least = await lab.store.page(WORKSPACE, ID, "raw", { max_bytes: 1 });

    expect(Buffer.byteLength(most.text)).toBeLessThanOrEqual(LIMITS.answer.maxBytes);
    expect(Buffer.byteLength(most.text)).toBeGreaterThan(LIMITS.answer.maxBytes - 100);
    expect(least).toMatchObject({ text: "1: {", next_line: 1, next_char: 1 });
  });

  it("counts the lines it shows, and ends quietly", async () => {
    await using lab = await sessionStore();
    await lab.store.upload(
      WORKSPACE,
      upload(
        ID,
        Buffer.from([say("user", "a"), "{}\n", "{}\n", say("assistant", "b"), say("user", "c")].join("")),
      ),
    );

    const two = await lab.store.page(WORKSPACE, ID, "conversation", { max_lines: 2 });
    const beyond = await lab.store.page(WORKSPACE, ID, "raw", { from_line: 6 });

    expect(two).toMatchObject({ text: "1  user: a\n4  assistant: b", last_line: 4, next_line: 5 });
    expect(beyond).toMatchObject({ text: "", last_line: 5 });
    expect(beyond.next_line).toBeUndefined();
    await expect(lab.store.page(WORKSPACE, "nope", "raw", {})).rejects.toMatchObject({ code: "not_found" });
  });

  it("stops looking for something to show, and says where to go on", async () => {
    await using lab = await sessionStore();
    const dull = `{"type":"attachment","x":"${"y".repeat(100_000)}"}\n`.repeat(120);
    await lab.store.upload(WORKSPACE, upload(ID, Buffer.from(`${dull}${say("user", "at last")}`)));

    const first = await lab.store.page(WORKSPACE, ID, "conversation", {});
    const second = await lab.store.page(WORKSPACE, ID, "conversation", { from_line: first.next_line });

    expect(first.text).toBe("");
    expect(first.next_line).toBeGreaterThan(60);
    expect(second.text).toBe("121  user: at last");
  });

  it("does not look through more lines than one page may, however short they are", async () => {
    await using lab = await sessionStore();
    const dull = Buffer.concat([
      Buffer.from(say("user", "hi")),
      Buffer.alloc(100_000, "\n"),
      Buffer.alloc(100_000, "{\n"),
    ]);
    await lab.store.upload(WORKSPACE, upload(ID, dull));

    const pages: (number | undefined)[] = [];
    for (let from: number | undefined = 1; from !== undefined && pages.length < 20;) {
      const page = await lab.store.page(WORKSPACE, ID, "conversation", { from_line: from });
      from = page.next_line;
      pages.push(from);
    }

    const step = LIMITS.sessions.pageScanLines;
    expect(pages).toEqual([...[1, 2, 3, 4, 5, 6, 7].map((page) => page * step + 1), undefined]);
  });

  it("leaves a line that is very long to the view raw, which shows any part of it", async () => {
    await using lab = await sessionStore();
    const text = `${"é😀".repeat(10)}${"x".repeat(100)}`;
    const long = say("user", text.repeat(Math.ceil((20 * 1024 * 1024) / Buffer.byteLength(text))));
    const bytes = Buffer.from(`${say("user", "before")}${long}${say("user", "after")}`);
    await lab.store.upload(WORKSPACE, upload(ID, bytes));

    const talk = await lab.store.page(WORKSPACE, ID, "conversation", {});
    const size = Buffer.byteLength(long) - 1;

    expect(talk.text).toBe(
      `1  user: before\n2  system: [a line of ${size} bytes is too long for this view; view raw]`,
    );
    expect(talk.next_line).toBe(3);
    for (const from of [0, 1, 65_536, 9_999_999, long.length - 500]) {
      const page = await lab.store.page(WORKSPACE, ID, "raw", {
        from_line: 2,
        from_char: from,
        max_bytes: 9000,
      });
      const shown = page.text.split("\n")[0]?.replace(/^2: /, "") ?? "";

      expect(shown, `from ${from}`).toBe(long.slice(from, from + shown.length));
      expect(page.next_char ?? long.length - 1, `from ${from}`).toBe(from + shown.length);
      expect(shown.length, `from ${from}`).toBeGreaterThan(400);
    }
  });

  it("masks a secret wherever the part that is shown begins or ends", async () => {
    await using lab = await sessionStore();
    const secret = `fmwt_${"Ab1-".repeat(11)}`;
    const masked = `fmwt_${"*".repeat(44)}`;
    const raw = `{"a":"${"é".repeat(70_000)} ${secret} ${"z".repeat(70_000)}"}`;
    await lab.store.upload(WORKSPACE, upload(ID, Buffer.from(raw)));
    const start = raw.indexOf(secret);

    for (let shift = -60; shift < 60; shift += 1) {
      const range = { from_char: start + shift, max_bytes: 40 };
      const page = await lab.store.page(WORKSPACE, ID, "raw", range);
      const shown = page.text.slice("1: ".length);

      expect(raw.replace(secret, masked).slice(start + shift)).toSatisfy((rest: string) =>
        rest.startsWith(shown),
      );
    }
  });

  it("decodes broken UTF-8 as replacement characters and splits at line feeds only", async () => {
    await using lab = await sessionStore();
    const bytes = Buffer.concat([
      Buffer.from('{"a":"'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('\u2028"}\r\n{}'),
    ]);
    await lab.store.upload(WORKSPACE, upload(ID, bytes));

    const { text } = await lab.store.page(WORKSPACE, ID, "raw", {});

    expect(text).toBe('1: {"a":"\ufffd\ufffd\u2028"}\r\n2: {}');
  });
});
