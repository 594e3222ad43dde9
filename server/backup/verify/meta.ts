import * as z from "zod";
import { WorkspaceId } from "../../../contract/ids.ts";
import { parseJson } from "../../../contract/json.ts";
import { LIMITS } from "../../../contract/limits.ts";
import { FolderSync } from "../../../disk/folder-sync.ts";
import { LAYOUT } from "../../storage/layout.ts";
import { Identity } from "../../workspaces/workspace.ts";
import { entriesOf } from "../read/files-below.ts";
import { openedFile, readText, unlessForeign } from "../read/opened.ts";
import { enterIn, pathIn, type Workspace } from "../read/workspace.ts";
import { finding, type Finding, type Look } from "./finding.ts";

const KEY_BYTES = 32;
const Registry = z.object({ workspaces: z.array(z.object({ id: z.string() })) });

/** Schemas of the files in `_meta` that say who may do what. */
export interface AccessSchemas {
  tokens: z.ZodType;
  joins: z.ZodType;
}

/** Looks at `_meta`: the registry against the identities, tokens, join codes and the key. */
export function* metaLooks(root: string, { tokens, joins }: AccessSchemas): Generator<Look> {
  yield () => registryFindings(root);
  yield () => jsonFindings(root, { name: LAYOUT.tokens, schema: tokens, id: "tokens.damaged" });
  yield () => jsonFindings(root, { name: LAYOUT.joins, schema: joins, id: "joins.damaged" });
  yield () => keyFindings(root);
  yield () => formatFindings(root);
}

/** The workspaces of a store, by their folders. */
export function workspacesOf(root: string): { ids: string[]; others: string[] } {
  using folder = unlessForeign(() => FolderSync.enter(root, LAYOUT.workspaces));
  const names = folder === undefined ? [] : entriesOf(folder).map(({ name }) => name);
  const isId = (name: string) => WorkspaceId.safeParse(name).success;
  return { ids: names.filter(isId), others: names.filter((name) => !isId(name)) };
}

/** A workspace is there when its identity is; a folder without content and identity is a registration that was cut short. */
export function identityFindings(workspace: Workspace): Finding[] {
  using folder = enterIn(workspace, []);
  const path = pathIn(workspace, [LAYOUT.identity]);
  if (folder === undefined)
    return [finding("identity.damaged", pathIn(workspace, []), "it is a link, or no folder")];
  if (entriesOf(folder).length === 0) return [];
  const found = Identity.safeParse(jsonAt(folder, LAYOUT.identity)).data;
  if (found === undefined) return [finding("identity.damaged", path, "it cannot be read as an identity")];
  return found.id === workspace.id ? [] : [finding("identity.damaged", path, "it is another workspace's")];
}

function registryFindings(root: string): Finding[] {
  const path = `${LAYOUT.meta}/${LAYOUT.registry}`;
  using meta = FolderSync.enter(root, LAYOUT.meta);
  const registry = Registry.safeParse(jsonAt(meta, LAYOUT.registry)).data;
  if (registry === undefined)
    return [finding("registry.differs", path, "it cannot be read; the next start makes it anew")];
  // Looked for after the registry was read: what it names was there by then.
  const present = new Set(workspacesOf(root).ids.filter((id) => identityFindings({ root, id }).length === 0));
  const named = registry.workspaces.map(({ id }) => id);
  const unknown = named.filter((id) => !present.has(id));
  const isBehind = [...present].some((id) => !named.includes(id) && hasIdentity({ root, id }));
  return [
    ...unknown.map((id) =>
      finding("registry.differs", path, `it names the workspace ${id}, which is not there`),
    ),
    ...(isBehind
      ? [finding("registry.behind", path, "workspaces are missing in it; the next start adds them")]
      : []),
  ];
}

function hasIdentity(workspace: Workspace): boolean {
  using folder = enterIn(workspace, []);
  return folder?.look(LAYOUT.identity) !== undefined;
}

interface JsonFile {
  name: string;
  schema: z.ZodType;
  id: "tokens.damaged" | "joins.damaged";
}

/** The file, if it is there, and what was kept of it before. */
function jsonFindings(root: string, { name, schema, id }: JsonFile): Finding[] {
  using meta = FolderSync.enter(root, LAYOUT.meta);
  const ages = Array.from({ length: LIMITS.storage.generations }, (_, index) => `${name}.${index + 1}`);
  const present = [name, ...ages].filter((file) => meta.look(file) !== undefined);
  const damaged = present.filter((file) => !schema.safeParse(jsonAt(meta, file)).success);
  const found = damaged.map((file) => finding(id, `${LAYOUT.meta}/${file}`, "it cannot be read"));
  if (present.length === 0 || present[0] === name) return found;
  return [...found, finding(id, `${LAYOUT.meta}/${name}`, "it is gone; what it held before is there")];
}

/** Every start writes it where it is missing, so a store with workspaces had one. */
function formatFindings(root: string): Finding[] {
  using meta = FolderSync.enter(root, LAYOUT.meta);
  if (meta.look(LAYOUT.format) !== undefined || workspacesOf(root).ids.length === 0) return [];
  return [finding("format.missing", `${LAYOUT.meta}/${LAYOUT.format}`, "it is gone; every store has one")];
}

function keyFindings(root: string): Finding[] {
  using meta = FolderSync.enter(root, LAYOUT.meta);
  const size = meta.look(LAYOUT.bindingKey)?.size ?? KEY_BYTES;
  const path = `${LAYOUT.meta}/${LAYOUT.bindingKey}`;
  return size === KEY_BYTES ? [] : [finding("key.damaged", path, `it is not ${KEY_BYTES} bytes`)];
}

/** Undefined for a file that is missing or no JSON. */
function jsonAt(folder: FolderSync, name: string): unknown {
  using file = unlessForeign(() => openedFile(folder, name));
  return file === undefined || file.stats.size > LIMITS.storage.jsonBytes
    ? undefined
    : parseJson(readText(file));
}
