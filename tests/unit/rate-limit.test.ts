import { describe, expect, it } from "vitest";
import { addressGroup } from "../../server/http/address.ts";
import { RateLimit } from "../../server/http/rate-limit.ts";

function limitAt(clock: { ms: number }, keys = 10): RateLimit {
  return new RateLimit({ perMinute: 3, keys, now: () => clock.ms });
}

function take(limit: RateLimit, key: string, times: number): number[] {
  return Array.from({ length: times }, () => limit.take(key));
}

describe("a rate limit", () => {
  it("lets exactly its number pass, then tells how long to wait", () => {
    const clock = { ms: 0 };
    const limit = limitAt(clock);

    const first = take(limit, "a", 3);
    clock.ms = 20_500;
    const later = take(limit, "a", 2);

    expect(first).toEqual([0, 0, 0]);
    expect(later).toEqual([40, 40]);
  });

  it("begins anew after a minute", () => {
    const clock = { ms: 0 };
    const limit = limitAt(clock);
    take(limit, "a", 9);

    clock.ms = 60_000;

    expect(take(limit, "a", 4)).toEqual([0, 0, 0, 60]);
  });

  it("counts every key for itself and remembers a bounded number of them", () => {
    const limit = limitAt({ ms: 0 }, 2);
    take(limit, "a", 4);
    take(limit, "b", 4);

    const known = limit.take("b");
    limit.take("c");
    const forgotten = limit.take("a");

    expect(known).toBe(60);
    expect(forgotten).toBe(0);
  });
});

describe("the group an address is counted in", () => {
  it.each([
    ["203.0.113.9", "203.0.113.9"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8:1:2:ffff::1", "2001:db8:1:2"],
    ["2001:db8::1", "2001:db8:0:0"],
    ["::1", "0:0:0:0"],
    ["fe80::1%eth0", "fe80:0:0:0"],
    ["unknown", "unknown"],
  ])("of %s is %s", (address, group) => {
    const grouped = addressGroup(address);

    expect(grouped).toBe(group);
  });
});
