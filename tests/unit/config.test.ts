import { describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "../../server/config.ts";

const AI = "an-ai-token-of-some-length";
const SYNC = "a-sync-token-of-some-length";

function faults(env: Record<string, string>, dev = false): string {
  try {
    readConfig({ dev }, env);
    return "";
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

describe("the configuration", () => {
  it("needs nothing but a token", () => {
    expect(readConfig({ dev: false }, { MCP_TOKEN: AI })).toMatchObject({
      memoryRoot: "/data/memory",
      host: "127.0.0.1",
      port: 8000,
      syncToken: undefined,
      trustProxy: false,
    });
  });

  it("reports all wrong variables together, by name and without values", () => {
    const message = faults({ PORT: "99999", TRUST_PROXY: "perhaps", PUBLIC_URL: "ftp://secret-value" });

    expect(message.split("\n").map((line) => line.split(":")[0])).toEqual(
      expect.arrayContaining(["MCP_TOKEN", "PORT", "TRUST_PROXY", "PUBLIC_URL"]),
    );
    expect(message).not.toContain("secret-value");
  });

  it("reports what is wrong between variables together with the rest", () => {
    const message = faults({ PORT: "abc", MCP_TOKEN: "short", SYNC_TOKEN: "short", HOST: "0.0.0.0" });

    expect(message).toContain("PORT: not a whole number from 0 to 65535");
    expect(message).toContain("MCP_TOKEN: shorter than 16");
    expect(message).toContain("SYNC_TOKEN: must differ");
    expect(message).toContain("ALLOWED_HOSTS: needed");
  });

  it.each([
    [{ MCP_TOKEN: "short" }, "MCP_TOKEN: shorter"],
    [{ MCP_TOKEN: AI, SYNC_TOKEN: AI }, "SYNC_TOKEN: must differ"],
    [{ MCP_TOKEN: AI, METRICS_TOKEN: AI }, "METRICS_TOKEN: must differ from MCP_TOKEN"],
    [{ MCP_TOKEN: AI, SYNC_TOKEN: SYNC, METRICS_TOKEN: SYNC }, "METRICS_TOKEN: must differ from SYNC_TOKEN"],
    [{ MCP_TOKEN: AI, METRICS_TOKEN: "short" }, "METRICS_TOKEN: shorter"],
    [{ MCP_TOKEN: "aaaaaaaaaaaaaaaaaaaaaaaa" }, "anybody would guess"],
    [{ MCP_TOKEN: "dev-token" }, "MCP_TOKEN: shorter"],
    [{ MCP_TOKEN: "spaces are not allowed here" }, "visible ASCII"],
    [{ MCP_TOKEN: AI, SYNC_TOKEN: "x".repeat(513) }, "longer than 512"],
    [{ MCP_TOKEN: AI, HOST: "0.0.0.0" }, "ALLOWED_HOSTS: needed"],
  ])("refuses %o", (env, expected) => {
    expect(faults(env)).toContain(expected);
  });

  it("treats an empty variable as absent: no sync token, no uploads", () => {
    expect(readConfig({ dev: false }, { MCP_TOKEN: AI, SYNC_TOKEN: "" }).syncToken).toBeUndefined();
  });

  it("takes well-known tokens for development, on loopback only", () => {
    const env = { MCP_TOKEN: "dev-token", SYNC_TOKEN: "dev-sync-token" };

    expect(faults(env, true)).toBe("");
    expect(faults({ ...env, HOST: "0.0.0.0", ALLOWED_HOSTS: "box" }, true)).toContain("MCP_TOKEN");
  });

  it("lets requests name the public host and what was allowed", () => {
    const config = readConfig(
      { dev: false },
      {
        MCP_TOKEN: AI,
        SYNC_TOKEN: SYNC,
        HOST: "0.0.0.0",
        PUBLIC_URL: "https://memory.example.org:7443",
        ALLOWED_HOSTS: "box, 192.168.1.5",
      },
    );

    expect(config.allowedHosts).toEqual(
      expect.arrayContaining(["memory.example.org", "box", "192.168.1.5", "localhost"]),
    );
    expect(config.allowedHosts).not.toContain("0.0.0.0");
  });
});
