import { beforeAll, expect, it } from "vitest";
import { behindTls, OPENSSL } from "../support/behind-tls.ts";
import { buildBundle } from "../support/memory-sync.ts";
import { Person } from "../support/person.ts";
import { startServer } from "../support/server.ts";

beforeAll(buildBundle);

it.skipIf(OPENSSL === undefined)(
  "install --ca trusts a server's own certificate, and so does all that it installs",
  async () => {
    await using server = await startServer();
    await using front = await behindTls(server.url);
    await using person = await Person.create();
    await person.write(".claude.json", "{}");
    const stdin = JSON.stringify({ ai_token: server.tokens.ai, sync_token: server.tokens.sync });
    const args = ["install", "--url", front.url, "--no-schedule", "--tokens-stdin"];

    const strange = await person.run(args, { stdin });
    const empty = await person.run([...args, "--ca", await person.write("empty.pem", "")], { stdin });
    const trusted = await person.run([...args, "--ca", front.ca], { stdin });
    const tested = await person.shell('"$HOME/.memory-sync/bin/memory-sync" test');

    expect([strange.code, empty.code, trusted.code, tested.code]).toEqual([4, 1, 0, 0]);
    expect(trusted.stdout).toContain(`set NODE_EXTRA_CA_CERTS to ${front.ca}`);
    expect(tested.stdout).toMatch(/^sync {5}ok/m);
  },
);
