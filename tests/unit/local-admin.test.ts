import { describe, expect, it } from "vitest";
import { loopbackUrl } from "../../server/storage/local-admin.ts";

describe("the address for admin commands", () => {
  it.each([
    ["http://0.0.0.0:8000", "http://127.0.0.1:8000"],
    ["http://[::]:8000", "http://[::1]:8000"],
    ["http://192.168.1.5:8000", "http://192.168.1.5:8000"],
    ["http://127.0.0.1:8000", "http://127.0.0.1:8000"],
  ])("of a server at %s is %s", (url, local) => {
    expect(loopbackUrl(url)).toBe(local);
  });
});
