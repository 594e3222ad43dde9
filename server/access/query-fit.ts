import { slugify } from "../../contract/names.ts";
import type { Choice, QueryFilters } from "../../contract/query-language.ts";
import type { Identity } from "../workspaces/workspace.ts";

/** Whether a workspace is one that the filters in a query's text let through. */
export function fitsFilters(workspace: Identity, filters: QueryFilters): boolean {
  const { machine, tool, project } = filters;
  return (
    fits(filters.workspace, (id) => id === workspace.id) &&
    fits(machine, (name) => slugify(name) === slugify(workspace.machine)) &&
    fits(tool, (name) => slugify(name) === slugify(workspace.tool)) &&
    fits(project, (name) => slugify(name) === slugify(workspace.project))
  );
}

function fits({ only, not }: Choice, is: (value: string) => boolean): boolean {
  return (only.length === 0 || only.some(is)) && !not.some(is);
}
