import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { parsePayload } from "../../client/hooks/payload.ts";
import { readPayload } from "../../client/hooks/stdin.ts";
import { LIMITS } from "../../contract/limits.ts";
import { TRANSCRIPTS } from "../support/client-places.ts";

const LONG_MS = 20_000;
const STOP = JSON.stringify({ hook_event_name: "Stop", transcript_path: "/t/a.jsonl", note: "{}" });

describe("parsePayload", () => {
  it.each([
    ["SessionEnd", {}, "/t/a.jsonl"],
    ["Stop", {}, "/t/a.jsonl"],
    ["PreCompact", {}, "/t/a.jsonl"],
    ["SubagentStop", { agent_transcript_path: "/t/agent-1.jsonl" }, "/t/agent-1.jsonl"],
    ["SubagentStop", {}, "/t/a.jsonl"],
    ["SessionStart", {}, undefined],
    ["Stop", { transcript_path: null }, undefined],
    ["Stop", { transcript_path: "a.jsonl" }, undefined],
    ["Stop", { transcript_path: "/etc/passwd" }, undefined],
    ["Stop", { transcript_path: "/t/a.jsonl.zst" }, "/t/a.jsonl.zst"],
    ["Stop", { transcript_path: "" }, undefined],
  ])("%s %j", (event, changes, transcriptPath) => {
    const text = JSON.stringify({ hook_event_name: event, transcript_path: "/t/a.jsonl", ...changes });

    expect(parsePayload(text)).toMatchObject({ event, transcriptPath });
  });

  it.each([
    ["SessionEnd", "save"],
    ["Stop", "save"],
    ["SubagentStop", "save"],
    ["PreCompact", "save"],
    ["SessionStart", "catch_up"],
    ["Notification", "nothing"],
    [undefined, "nothing"],
  ])("after %s asks for: %s", (event, wants) => {
    expect(parsePayload(JSON.stringify({ hook_event_name: event }))?.wants).toBe(wants);
  });

  it("understands every recorded payload", () => {
    const lines = readFileSync(join(TRANSCRIPTS, "claude/hook-payloads-2.1.329.jsonl"), "utf8")
      .trim()
      .split("\n");

    const events = lines.map((line) => parsePayload(line)?.event);

    expect(lines.length).toBeGreaterThan(5);
    expect(events).not.toContain(undefined);
    expect(events).not.toContain("");
  });

  it.each(["", "{", '{"a":{}', "[}", STOP.slice(0, -1)])("is not complete yet: %s", (text) => {
    expect(parsePayload(text)).toBeUndefined();
  });
});

describe("readPayload", () => {
  it("takes a payload as soon as it is complete, though the input stays open", async () => {
    const stdin = new PassThrough();

    const reading = readPayload(stdin, LONG_MS);
    for (const char of STOP) stdin.write(char);

    expect(await reading).toEqual({ event: "Stop", wants: "save", transcriptPath: "/t/a.jsonl" });
  });

  it.each([
    ["that says nothing", "", "nothing"],
    ["that stops in the middle", STOP.slice(0, 20), "no JSON"],
  ])("gives up on an input %s and stays open", async (_, begun, told) => {
    const stdin = new PassThrough();
    stdin.write(begun);

    expect(await readPayload(stdin, LONG_MS)).toBe(told);
  });

  it("gives up on an input that is too large", async () => {
    const stdin = new PassThrough();
    stdin.write(`{"a":"${"x".repeat(LIMITS.client.hookStdinBytes)}`);

    expect(await readPayload(stdin, LONG_MS)).toBe("no JSON");
  });
});
