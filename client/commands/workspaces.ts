import type { WorkspaceSummary } from "../../contract/wire.ts";
import { formatBytes, formatTime } from "../format.ts";
import type { Output } from "../output.ts";
import { defineCommand } from "./command.ts";
import { collect, PAGING } from "./paging.ts";

export const workspaces = defineCommand({
  name: "workspaces",
  summary: "List the workspaces on the server",
  options: {
    machine: { type: "string", value: "NAME", summary: "Only of this machine" },
    tool: { type: "string", value: "NAME", summary: "Only of this tool" },
    project: { type: "string", value: "NAME", summary: "Only of this project" },
    ...PAGING,
  },
  async run(context, args) {
    const reader = await context.reader();
    const filter = {
      machine: args.option("machine"),
      tool: args.option("tool"),
      project: args.option("project"),
    };

    const page = await collect(args, (range) => reader.listWorkspaces({ ...filter, ...range }));

    context.output.answer(page, () => tableOf(page.entries, context.output));
    if (page.entries.length === 0)
      context.output.say("No workspaces. `memory-sync init-manifest` makes one.");
    if (page.next_cursor !== undefined) context.output.say(`More: add --cursor ${page.next_cursor}`);
    return "ok";
  },
});

function tableOf(entries: readonly WorkspaceSummary[], output: Output): string {
  return output.table(
    [
      { title: "WORKSPACE", style: "cyan" },
      { title: "FILES", align: "right" },
      { title: "SESSIONS", align: "right" },
      { title: "ON DISK", align: "right" },
      { title: "LAST ACTIVITY" },
      { title: "ABOUT" },
    ],
    entries.map((entry) => [
      entry.workspace_id,
      String(entry.knowledge_files),
      String(entry.sessions),
      formatBytes(entry.bytes),
      formatTime(entry.last_activity),
      entry.summary ?? entry.description ?? "",
    ]),
  );
}
