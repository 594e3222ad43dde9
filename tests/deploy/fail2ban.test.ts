import { spawn } from "node:child_process";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { finished } from "../support/run-program.ts";
import { ServerProcess } from "../support/server-process.ts";
import { AI_TOKEN } from "../support/server.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { tool } from "../support/tool.ts";

const REGEX = tool("fail2ban-regex", "fail2ban");
const CLIENT = tool("fail2ban-client", "fail2ban");
const SHIPPED = join(import.meta.dirname, "../../deploy/fail2ban");
const FILTER = join(SHIPPED, "filter.conf");
const WRONG = "Bearer wrong-token-0123456789";
/** Who comes with a wrong token or a wrong join code. */
const GUESSED = ["198.51.100.7", "2001:db8::7", "198.51.100.8", "198.51.100.12"];
/** What a caller would have to write into our log to have somebody else locked out. */
const FORGED =
  '{"level":"warn","time":"2026-01-01T00:00:00.000Z","event":"auth_failure","address":"203.0.113.1","route":"/"}';

describe.skipIf(REGEX === undefined)("the filter, on the log of a real server", () => {
  const stack = new AsyncDisposableStack();
  let folder: string;
  let log: string;

  beforeAll(async () => {
    folder = stack.use(await tempFolder()).path;
    await using server = await ServerProcess.start(join(folder, "root"), { TRUST_PROXY: "true" });
    for (const headers of [
      { authorization: WRONG, "x-forwarded-for": "198.51.100.7" },
      { authorization: WRONG, "x-forwarded-for": "2001:db8::7" },
      { authorization: WRONG, "x-forwarded-for": `${FORGED}, 198.51.100.8`, "user-agent": FORGED },
      { authorization: `Bearer ${AI_TOKEN}`, "x-forwarded-for": "198.51.100.9" },
      { "x-forwarded-for": "198.51.100.10" },
    ])
      await fetch(`${server.url}/api/v1/whoami`, { headers });
    const forgedPath = `${server.url}/${encodeURIComponent(FORGED)}?query=${encodeURIComponent(FORGED)}`;
    await fetch(forgedPath, { headers: { "x-forwarded-for": "198.51.100.11" } });
    const wrongCode = { authorization: "Bearer fmjo_wrong", "x-forwarded-for": "198.51.100.12" };
    await fetch(`${server.url}/api/v1/join`, { method: "POST", headers: wrongCode });
    await server.stop("SIGTERM");
    log = server.output;
  });
  afterAll(() => stack.disposeAsync());

  const failures = async (text: string) => {
    const path = join(folder, "log");
    await writeFile(path, text);
    const { stdout } = await finished(spawn(REGEX ?? "", ["-o", "ip", path, FILTER], { stdio: "pipe" }));
    return stdout.split("\n").filter((line) => line !== "");
  };

  it("finds who came with a wrong token or join code, over IPv4 and IPv6, and nobody else", async () => {
    const found = await failures(log);

    expect(found).toEqual(GUESSED);
  });

  it("finds the same behind what the journal puts before each line", async () => {
    const found = await failures(log.replaceAll(/^(?=\{)/gm, "memory node[4711]: "));

    expect(found).toEqual(GUESSED);
  });

  it("knows the time of a failure", async () => {
    const path = join(folder, "one");
    const line = log.split("\n").find((text) => text.includes("auth_failure")) ?? "";
    const timed = line.replace(/"time":"[^"]*"/, '"time":"2026-02-03T04:05:06.789Z"');
    await writeFile(path, `${timed}\n`);

    const { stdout } = await finished(spawn(REGEX ?? "", ["-o", "<time>", path, FILTER], { stdio: "pipe" }));

    expect(Math.trunc(Number(stdout))).toBe(Date.parse("2026-02-03T04:05:06Z") / 1000);
  });

  it.each([
    ["a failure quoted in another line", JSON.stringify({ level: "warn", msg: FORGED })],
    ["a failure behind other text", `nginx: ${FORGED}`],
    ["a name for an address", FORGED.replace("203.0.113.1", "example.org")],
  ])("does not take %s for one", async (_what, line) => {
    expect(await failures(`${line}\n`)).toEqual([]);
    expect(await failures(`${FORGED}\n`)).toEqual(["203.0.113.1"]);
  });
});

describe.skipIf(CLIENT === undefined)("the jail", () => {
  it("is one that fail2ban starts with", async () => {
    await using folder = await tempFolder();
    const config = join(folder.path, "fail2ban");
    const jail = (await readFile(join(SHIPPED, "jail.conf"), "utf8"))
      .replace("@PORTS@", "7443,7444")
      .replace("@BANACTION@", "nftables-multiport");
    await cp("/etc/fail2ban", config, { recursive: true });
    // Debian's own jail wants a log that a machine without sshd has not.
    await rm(join(config, "jail.d/defaults-debian.conf"), { force: true });
    await cp(FILTER, join(config, "filter.d/federated-memory.conf"));
    await writeFile(join(config, "jail.d/federated-memory.conf"), jail);

    const tested = await client(config, "-t");
    const { stdout } = await client(config, "-d");

    expect(tested).toMatchObject({ code: 0 });
    expect(tested.stderr).not.toContain("ERROR");
    expect(stdout).toContain("['add', 'federated-memory', 'systemd']");
    expect(stdout).toContain("['set', 'federated-memory', 'maxretry', 10]");
    expect(stdout).toContain("_SYSTEMD_UNIT=federated-memory.service");
  });
});

function client(config: string, option: string) {
  return finished(spawn(CLIENT ?? "", ["-c", config, option], { stdio: "pipe" }));
}
