import { describe, expect, it } from "vitest";
import { ConfigError, readProxyConfig } from "../../proxy/config.ts";

describe("the proxy's environment", () => {
  it("CP 3.1: may be empty, and then patches nothing", () => {
    expect(readProxyConfig({})).toEqual({
      host: "127.0.0.1",
      port: 15_041,
      upstream: new URL("https://api.anthropic.com"),
      beta: "context-management-2025-06-27",
      secret: undefined,
      logLevel: "info",
      patches: [],
      patchesFault: undefined,
      proxies: {},
    });
  });

  it("counts what is set to nothing as not set, but for the betas", () => {
    const env = {
      PROXY_PORT: "",
      UPSTREAM_API_URL: "",
      PROXY_SECRET: "",
      HTTPS_PROXY: "",
      ANTHROPIC_BETA: "",
    };

    expect(readProxyConfig(env)).toMatchObject({ port: 15_041, secret: undefined, beta: "", proxies: {} });
  });

  it("says all that is wrong at once, by name and without values", () => {
    const env = {
      PROXY_PORT: "80800",
      UPSTREAM_API_URL: "ftp://secret.example",
      ANTHROPIC_BETA: "a\r\nx-evil: 1",
      PROXY_SECRET: "short",
      LOG_LEVEL: "loud",
    };

    const faults = faultsOf(env);

    expect(faults.split("\n").map((line) => line.replace(/:.*/, ""))).toEqual(
      expect.arrayContaining(Object.keys(env)),
    );
    expect(faults).not.toMatch(/80800|secret\.example|evil|short$|loud/);
  });

  it.each(["https://user:pass@a.example", "https://a.example/?x=1", "https://a.example/#x", "a.example"])(
    "takes no API's address like %s",
    (url) => {
      expect(faultsOf({ UPSTREAM_API_URL: url })).toMatch(/^UPSTREAM_API_URL: /);
    },
  );

  it.each(["0.0.0.0", "::", "192.168.1.5", "proxy.example"])("wants a secret to listen on %s", (host) => {
    expect(faultsOf({ PROXY_HOST: host })).toMatch(/^PROXY_SECRET: needed/);
    expect(readProxyConfig({ PROXY_HOST: host, PROXY_SECRET: "x".repeat(16) }).host).toBe(host);
  });

  it.each([
    ["127.0.0.1", "http://127.0.0.1:15041"],
    ["127.0.0.1", "http://localhost:15041/path"],
    ["::1", "http://[::1]:15041"],
    ["0.0.0.0", "http://localhost:15041"],
    ["10.0.0.1", "http://10.0.0.1:15041"],
  ])("does not let a proxy on %s ask %s: itself", (host, url) => {
    const env = { PROXY_HOST: host, UPSTREAM_API_URL: url, PROXY_SECRET: "x".repeat(16) };

    expect(faultsOf(env)).toMatch(/^UPSTREAM_API_URL: .*own address/);
  });

  it.each([
    ["127.0.0.1", "http://127.0.0.1:15042"],
    ["127.0.0.1", "https://127.0.0.1:15041"],
    ["10.0.0.1", "http://127.0.0.1:15041"],
  ])("lets a proxy on %s ask %s", (host, url) => {
    const env = { PROXY_HOST: host, UPSTREAM_API_URL: url, PROXY_SECRET: "x".repeat(16) };

    expect(readProxyConfig(env).upstream.href).toContain(url);
  });

  it.each(["20.20.2", "22.20.0", "23.11.0", "24.4.1"])(
    "with a proxy in it is refused on Node %s, which would go round it",
    (node) => {
      expect(() => readProxyConfig({ https_proxy: "http://a:1" }, node)).toThrow(
        `https_proxy: Node ${node} cannot use proxies`,
      );
      expect(readProxyConfig({ NO_PROXY: "*" }, node).proxies).toEqual({ NO_PROXY: "*" });
    },
  );

  it.each(["nonsense", "socks5://127.0.0.1:1080", "127.0.0.1:3128", "HTTP://a:1"])(
    "with a proxy in it that Node would pass over is refused: %s",
    (url) => {
      expect(faultsOf({ HTTPS_PROXY: url })).toBe(
        "HTTPS_PROXY: not an http(s) URL, and Node knows no other proxies",
      );
    },
  );

  it.each(["22.21.0", "24.5.0", "24.21.0", "26.0.0"])("with a proxy in it is taken on Node %s", (node) => {
    const env = { HTTPS_PROXY: "http://a:1", NO_PROXY: "b" };

    expect(readProxyConfig(env, node).proxies).toEqual(env);
  });
});

function faultsOf(env: Record<string, string>): string {
  try {
    readProxyConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("nothing was wrong");
}
