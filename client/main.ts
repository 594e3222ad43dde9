/**
 * Entry of `memory-sync`. A hook runs while its client waits to exit, so its path loads nothing but `node:` modules:
 * everything is imported only once it is known what was asked for. So do a sync that has nothing to do, and what a client asks
 * for at every connection.
 */
const [command, ...rest] = process.argv.slice(2);

// Whatever else stands on a hook's command line, it must end well: for some events exit code 2 blocks the client.
if (command === "claude-hook" && !rest.includes("--help")) {
  const { runHook } = await import("./hooks/hook.ts");
  await runHook();
} else if (command === "mcp-headers" && rest.length === 0) {
  const { printMcpHeaders } = await import("./setup/mcp-headers.ts");
  process.exitCode = printMcpHeaders();
} else if (command !== "sync" || !(await isAnswered(rest))) {
  const { runCli } = await import("./cli.ts");
  process.exitCode = await runCli(process.argv.slice(2));
}

async function isAnswered(options: readonly string[]): Promise<boolean> {
  const { syncUpToDate } = await import("./sync/up-to-date-sync.ts");
  return syncUpToDate(options);
}
