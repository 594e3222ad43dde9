import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Bindings } from "../../server/access/binding.ts";
import type { Principal } from "../../server/access/principal.ts";

const HOUR_MS = 3_600_000;
const ALICE: Principal = { id: "tok_alice", name: "alice", role: "ai", scope: ["*"], writeScope: ["*"] };
const BOB: Principal = { id: "tok_bob", name: "bob", role: "ai", scope: ["*"], writeScope: ["*"] };
const WORKSPACE = { id: "laptop-claude-code-日本語", epoch: 0 };

describe("a binding", () => {
  it("is shaped as documented and names its workspace", () => {
    const bindings = new Bindings(randomBytes(32));

    const { binding } = bindings.issue(ALICE, WORKSPACE);

    expect(binding).toMatch(/^fmb_[A-Za-z0-9%_~-]+\.[0-9a-z]+\.[a-z2-7]{26}$/);
    expect(bindings.claimed(binding)).toBe(WORKSPACE.id);
  });

  it("is good for the token it was issued to, and for no other", () => {
    const bindings = new Bindings(randomBytes(32));
    const { binding } = bindings.issue(ALICE, WORKSPACE);

    expect(bindings.verify(binding, ALICE, WORKSPACE)).toBe(true);
    expect(bindings.verify(binding, BOB, WORKSPACE)).toBe(false);
  });

  it("ends after a day, and when the workspace's epoch is raised", () => {
    let now = Date.parse("2026-11-21T08:30:00Z");
    const bindings = new Bindings(randomBytes(32), () => now);
    const { binding, expiresAt } = bindings.issue(ALICE, WORKSPACE);

    expect(bindings.verify(binding, ALICE, { ...WORKSPACE, epoch: 1 })).toBe(false);
    now = expiresAt.getTime() - 1;
    expect(bindings.verify(binding, ALICE, WORKSPACE)).toBe(true);
    now = expiresAt.getTime();
    expect(bindings.verify(binding, ALICE, WORKSPACE)).toBe(false);
    expect(expiresAt.getTime() - Date.parse("2026-11-21T08:30:00Z")).toBeGreaterThanOrEqual(24 * HOUR_MS);
  });

  it("is refused with another key, another workspace, or any character changed", () => {
    const key = randomBytes(32);
    const bindings = new Bindings(key);
    const { binding } = bindings.issue(ALICE, WORKSPACE);

    expect(new Bindings(randomBytes(32)).verify(binding, ALICE, WORKSPACE)).toBe(false);
    expect(new Bindings(key).verify(binding, ALICE, WORKSPACE)).toBe(true);
    expect(bindings.verify(binding, ALICE, { id: "other-claude-code-x", epoch: 0 })).toBe(false);
    for (let index = 0; index < binding.length; index += 1) {
      const changed = `${binding.slice(0, index)}${binding[index] === "a" ? "b" : "a"}${binding.slice(index + 1)}`;
      expect(bindings.verify(changed, ALICE, WORKSPACE)).toBe(false);
    }
  });

  it.each(["", "fmb_", "fmb_%zz.abc.aaaaaaaaaaaaaaaaaaaaaaaaaa", "x".repeat(10_000)])(
    "does not stumble over %s",
    (text) => {
      const bindings = new Bindings(randomBytes(32));

      expect(bindings.claimed(text)).toBeUndefined();
    },
  );
});
