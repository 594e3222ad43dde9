import type { SessionEntry } from "../../contract/wire.ts";
import { formatBytes, formatTime } from "../format.ts";
import type { Output } from "../output.ts";
import { defineCommand } from "./command.ts";
import { collect, PAGING } from "./paging.ts";

export const sessions = defineCommand({
  name: "sessions",
  summary: "List stored sessions, newest first",
  options: {
    workspace: { type: "string", value: "ID", summary: "Only of this workspace" },
    after: { type: "string", value: "TIME", summary: "Only what was active at or after this date or time" },
    before: { type: "string", value: "TIME", summary: "Only what was active before this date or time" },
    ...PAGING,
  },
  async run(context, args) {
    const reader = await context.reader();
    const filter = { after: args.option("after"), before: args.option("before") };

    const page = await collect(args, (range) =>
      reader.listSessions(args.option("workspace"), { ...filter, ...range }),
    );

    context.output.answer(page, () => tableOf(page.entries, context.output));
    if (page.entries.length === 0) context.output.say("No sessions.");
    if (page.next_cursor !== undefined) context.output.say(`More: add --cursor ${page.next_cursor}`);
    return "ok";
  },
});

function tableOf(entries: readonly SessionEntry[], output: Output): string {
  return output.table(
    [
      { title: "STARTED" },
      { title: "WORKSPACE", style: "cyan" },
      { title: "SESSION" },
      { title: "LINES", align: "right" },
      { title: "RAW SIZE", align: "right" },
      { title: "ABOUT" },
    ],
    entries.map((entry) => [
      formatTime(entry.started),
      entry.workspace_id,
      entry.session_id,
      String(entry.lines),
      formatBytes(entry.bytes),
      entry.title ?? entry.first_prompt,
    ]),
  );
}
