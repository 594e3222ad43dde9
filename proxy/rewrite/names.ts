import { CLIENT_NAMES, CLIENT_PREFIXES, MEMORY_TOOL, NATIVE_NAME } from "../../memory-tool/names.ts";

/** What is called otherwise in one request and in its answer. */
export interface NameMap {
  /** The name under which the client offers the memory tool; the API is offered its native one in that place. */
  readonly clientName: string;
  /** The client's names and what the API gets to read instead. */
  readonly toApi: ReadonlyMap<string, string>;
  /** The names in an answer and what the client gets to read instead. */
  readonly toClient: ReadonlyMap<string, string>;
}

/**
 * The names of a request that offers these tools. Undefined when the memory tool is not among them, or when the client has a tool of
 * its own that is called `memory`: then nothing may be renamed, neither in the request nor in its answer.
 */
export function nameMapOf(offered: readonly string[]): NameMap | undefined {
  const clientName = offered.find(isMemoryTool);
  if (clientName === undefined || offered.includes(NATIVE_NAME)) return undefined;
  const all = new Set(offered);
  const short = shortNames(all);
  const memory = CLIENT_NAMES.filter((name) => name === clientName || !all.has(name));
  return {
    clientName,
    toApi: new Map([...short, ...memory.map((name) => [name, NATIVE_NAME] as const)]),
    toClient: new Map([
      ...[...short].map(([name, shortened]) => [shortened, name] as const),
      ...[NATIVE_NAME, MEMORY_TOOL]
        .filter((name) => !all.has(name))
        .map((name) => [name, clientName] as const),
    ]),
  };
}

/** True when the client offers the memory tool and, beside it, one that is called as the native one. */
export function hasOwnMemory(offered: readonly string[]): boolean {
  return offered.some(isMemoryTool) && offered.includes(NATIVE_NAME);
}

function isMemoryTool(name: string): boolean {
  return CLIENT_NAMES.some((known) => known === name);
}

/** The other tools of our server lose its prefix too, as long as no two tools come to have one name. */
function shortNames(offered: ReadonlySet<string>): Map<string, string> {
  const taken = new Set([...offered, NATIVE_NAME, MEMORY_TOOL]);
  const short = new Map<string, string>();
  for (const name of offered) {
    const rest = isMemoryTool(name) ? "" : withoutPrefix(name);
    if (rest === "" || taken.has(rest)) continue;
    taken.add(rest);
    short.set(name, rest);
  }
  return short;
}

function withoutPrefix(name: string): string {
  const prefix = CLIENT_PREFIXES.find((prefix) => name.startsWith(prefix));
  return prefix === undefined ? "" : name.slice(prefix.length);
}
