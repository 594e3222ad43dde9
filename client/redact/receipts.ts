import { appendFileSync, mkdirSync, renameSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { parseJson } from "../../contract/json.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { Counts } from "../../contract/redaction/redact.ts";
import { RULES_VERSION } from "../../contract/redaction/rules.ts";
import { unlessMissing } from "../../disk/errno.ts";
import type { Home } from "../home/home.ts";

const Receipt = z.object({
  time: z.string(),
  path: z.string().describe("The file on this machine"),
  workspace_id: z.string(),
  session_id: z.string().optional(),
  upload: z.string().optional().describe("The knowledge path it was sent to"),
  counts: z.record(z.string(), z.number()).describe("How often each rule met in the whole file"),
  rules_version: z.number(),
});
type Receipt = z.infer<typeof Receipt>;

/** What was taken out, by the receipts that are kept. */
export interface ReceiptTotals {
  files: number;
  counts: Counts;
}

/**
 * Writes down how often each rule met in a file that was sent, and never what: `log/redactions.jsonl`, the one before is
 * kept. What cannot be written is no failure of the sending, so this never throws.
 */
export function keepReceipt(home: Home, receipt: Omit<Receipt, "time" | "rules_version">): void {
  const line: Receipt = { time: new Date().toISOString(), ...receipt, rules_version: RULES_VERSION };
  try {
    mkdirSync(home.log, { recursive: true, mode: 0o700 });
    const path = pathOf(home);
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > LIMITS.client.logBytes)
      renameSync(path, `${path}.1`);
    appendFileSync(path, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  } catch {
    // The file was sent, and redacted: that is what counts.
  }
}

/** The newest receipt of every file, added up. */
export async function totalReceipts(home: Home): Promise<ReceiptTotals> {
  const newest = new Map<string, Receipt>();
  for (const path of [`${pathOf(home)}.1`, pathOf(home)]) {
    const text = (await unlessMissing(readFile(path, "utf8"))) ?? "";
    for (const line of text.split("\n")) {
      const { success, data } = Receipt.safeParse(parseJson(line));
      if (success) newest.set(`${data.workspace_id}\0${data.session_id ?? data.upload}`, data);
    }
  }
  const counts: Counts = {};
  for (const { counts: own } of newest.values())
    for (const [rule, count] of Object.entries(own)) counts[rule] = (counts[rule] ?? 0) + count;
  return { files: newest.size, counts };
}

function pathOf(home: Home): string {
  return join(home.log, "redactions.jsonl");
}
