import { describe, expect, it } from "vitest";
import { shadowOf } from "../../client/doctor/hooks.ts";
import { diskFinding, nodeFindings } from "../../client/doctor/machine.ts";
import { certificateFault, isPrivate } from "../../client/doctor/tls.ts";

describe("what doctor thinks of", () => {
  it("hooks that settings keep from running", () => {
    const held = { client: "claude", path: "/home/me/.claude/settings.json", text: "{}" } as const;

    expect(shadowOf(held, "")).toBeUndefined();
    expect(shadowOf({ ...held, text: '{"disableAllHooks": true}' }, "")).toMatchObject({ state: "fail" });
    expect(shadowOf(held, '{"disableAllHooks": true}')?.message).toContain("managed-settings.json");
    expect(shadowOf(held, '{"allowManagedHooksOnly": true}')).toMatchObject({ state: "warn" });
    expect(shadowOf({ ...held, text: "{} // mine" }, "")).toMatchObject({ state: "fail" });
    expect(shadowOf({ ...held, client: "codex" }, '{"disableAllHooks": true}')).toBeUndefined();
  });

  it("a disk with little room", () => {
    expect(diskFinding(99 * 2 ** 20)).toMatchObject({ id: "disk.free", state: "fail" });
    expect(diskFinding(100 * 2 ** 20)).toMatchObject({ state: "ok" });
  });

  it("an old Node", () => {
    expect(nodeFindings("18.20.1")).toMatchObject([{ id: "node.version", state: "fail" }]);
    expect(nodeFindings("20.0.0")).toMatchObject([{ state: "ok" }]);
    expect(nodeFindings("101.0.0")).toMatchObject([{ state: "ok" }]);
  });

  it.each([
    "localhost",
    "nas",
    "nas.local",
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.9.9",
    "192.168.0.7",
    "100.64.0.1",
    "[::1]",
    "[fd00::1]",
    "[fe80::1]",
    "box.tail1234.ts.net",
  ])("http to %s, which nobody else sees", (host) => {
    expect(isPrivate(host)).toBe(true);
  });

  it.each([
    "example.com",
    "8.8.8.8",
    "172.32.0.1",
    "100.128.0.1",
    "11.0.0.1",
    "[2001:db8::1]",
    "local.example.com",
    "fd.example.com",
  ])("http to %s, which others may listen to", (host) => {
    expect(isPrivate(host)).toBe(false);
  });

  it.each([
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "unknown"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "unknown"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "unknown"],
    ["CERT_HAS_EXPIRED", "ended"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "other_name"],
    ["ECONNREFUSED", undefined],
  ])("%s deep in the causes of a failure", (code, fault) => {
    const deep = new Error("no", { cause: Object.assign(new Error("tls"), { code }) });

    const found = certificateFault(new Error("fetch failed", { cause: deep }));

    expect(found?.kind).toBe(fault);
  });
});
