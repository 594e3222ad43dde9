import { describe, expect, it } from "vitest";
import { codexHookWants } from "../../client/setup/hook-wants.ts";
import { shellWord } from "../../client/launcher/quote.ts";

const [want] = codexHookWants({
  windows: false,
  node: "/usr/bin/node",
  bundle: "/home/ann/.memory-sync/bin/memory-sync.mjs",
  launcher: "/home/ann/.memory-sync/bin/memory-sync",
});
const isOurs = (command: string): boolean => want?.isOurs({ type: "command", command }) ?? false;

describe("a hook is ours", () => {
  it.each([
    "~/.memory-sync/bin/memory-sync claude-hook",
    "memory-sync claude-hook",
    `${shellWord("/home/Ann O'Neil/.memory-sync/bin/memory-sync")} claude-hook`,
    '"$HOME/.memory-sync/bin/memory-sync" claude-hook',
    "/opt/my\\ tools/memory-sync.mjs claude-hook",
    "node /home/ann/.memory-sync/bin/memory-sync.mjs claude-hook",
    "'/usr/bin/node' '/home/ann/.memory-sync/bin/memory-sync.mjs' claude-hook",
  ])("when it is our command alone: %s", (command) => {
    expect(isOurs(command)).toBe(true);
  });

  it.each([
    "/home/me/bin/log-session.sh; nice -n 19 /home/me/.memory-sync/bin/memory-sync claude-hook",
    "log.sh && memory-sync claude-hook",
    "tee log | memory-sync claude-hook",
    "memory-sync claude-hook; log.sh",
    "sudo /home/me/.memory-sync/bin/memory-sync claude-hook",
    "$(log.sh) memory-sync claude-hook",
    "memory-sync sync",
    "/opt/other/not-memory-sync-at-all claude-hook",
  ])("and not when it does more, or something else: %s", (command) => {
    expect(isOurs(command)).toBe(false);
  });
});
