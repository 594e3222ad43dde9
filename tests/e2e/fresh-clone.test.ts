import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { expect, it } from "vitest";
import { listenOnLoopback } from "../support/fake-model/loopback.ts";
import { FreshClone } from "../support/fresh-clone.ts";
import { Person } from "../support/person.ts";

/** What the README tells a newcomer to type, typed in a folder as `git clone` leaves it. */

const README = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
const isLinux = process.platform === "linux";

/** The commands that follow a sentence of the README, block by block. */
function commandsAfter(words: string): string[] {
  const text = README.slice(README.indexOf(words));
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, commands = ""]) => commands);
}

/** What a person pastes into a shell, of what `join` prints. */
function pastedOf(printed: string): string {
  return /^ +(curl .*)$/m.exec(printed)?.[1] ?? "";
}

it.skipIf(!isLinux)(
  "serves by hand and hands the client out, by the README's own commands",
  async () => {
    await using clone = await FreshClone.create();
    await using laptop = await Person.create();
    const [byHand = ""] = commandsAfter("By hand, anywhere:");

    await clone.serve(byHand, { PORT: "0" });
    const joined = await clone.type(
      "set -a; . ~/memory.env; set +a; bin/federated-memory.mjs join --machine laptop",
    );
    const installed = await laptop.shell(pastedOf(joined.stdout));

    expect(joined.code).toBe(0);
    expect(installed.code, installed.stderr).toBe(0);
    expect(installed.stdout + installed.stderr).toContain(
      'AI       "laptop (join)" reads *, writes laptop-*',
    );
  },
  120_000,
);

it.skipIf(!isLinux)(
  "has the proxy, to start and to hand out, once it was tried out",
  async () => {
    await using clone = await FreshClone.create();

    const { url } = await clone.serve("npm ci; node scripts/dev.ts", { PORT: "0" });
    const handedOut = await fetch(`${url}/memory-proxy.mjs`);
    const started = await clone.type("node dist/memory-proxy.mjs --version");

    expect(handedOut.status).toBe(200);
    expect(started.code, started.stderr).toBe(0);
  },
  120_000,
);

it.skipIf(!isLinux)(
  "serves other machines and hands them tokens, by the README's own commands",
  async () => {
    await using clone = await FreshClone.create();
    await using laptop = await Person.create();
    const probe = await listenOnLoopback(createServer());
    await probe.close();
    const { port } = new URL(probe.url);
    const [serve = "", join = ""] = commandsAfter("### For other machines");
    // An address of this machine that counts as another's: tests listen on no other.
    const here = serve.replace("0.0.0.0", "127.0.0.2").replace("192.168.1.5:8000", `127.0.0.2:${port}`);

    await clone.serve(here, { PORT: port });
    const joined = await clone.type(join);
    const installed = await laptop.shell(pastedOf(joined.stdout));

    expect(joined.stdout).toContain(`http://127.0.0.2:${port}/install.sh`);
    expect(installed.code, installed.stderr).toBe(0);
    expect(installed.stdout + installed.stderr).toContain(`server   http://127.0.0.2:${port}, as laptop`);
  },
  120_000,
);

it.skipIf(!isLinux)(
  "says at the start, to join, and to who pastes an older line that no client is built",
  async () => {
    await using clone = await FreshClone.create();
    const env = {
      MEMORY_ROOT: join(clone.home, "memory"),
      MCP_TOKEN: "fresh-clone-token-0123456789",
      PORT: "0",
    };

    const { url, log } = await clone.serve("npm ci --omit=dev && npm start", env);
    const joined = await clone.type("bin/federated-memory.mjs join --machine laptop", env);
    const listed = await clone.type("bin/federated-memory.mjs join list", env);
    const pasted = await clone.type(`curl -fsSL ${url}/install.sh | bash -s -- --join fmjo_old`);

    expect(log()).toContain("the client is not built: npm ci && npm run build");
    expect(joined).toMatchObject({ code: 1, stdout: "" });
    expect(joined.stderr).toContain("There is no client to hand out: it is not built\n");
    expect(joined.stderr).toContain("npm ci && npm run build");
    expect(listed.stdout).toBe("No join codes.\n");
    expect(pasted.code).toBe(1);
    expect(pasted.stderr).toContain("This server has no client to hand out");
  },
  120_000,
);

it.skipIf(!isLinux)(
  "makes a release, installs what that needs, and says what it is doing",
  async () => {
    await using clone = await FreshClone.create();

    const { code, stderr, stdout } = await clone.type("npm run --silent release", { TMPDIR: clone.home });

    expect(code, stderr).toBe(0);
    const said = [
      "Installs what builds it",
      "Builds the client",
      "for the release (npm ci --omit=dev)",
      "Packs it",
    ];
    for (const words of said) expect(stderr).toContain(words);
    const name = /dist\/(federated-memory-.*?\.tar\.gz) /.exec(stdout)?.[1] ?? "";
    expect(readdirSync(join(clone.path, "dist"))).toEqual(expect.arrayContaining([name, `${name}.sha256`]));
    const { stdout: packed } = await clone.type(`tar -tzf 'dist/${name}'`);
    for (const program of ["memory-sync.mjs", "memory-proxy.mjs"])
      for (const file of [program, `${program}.sha256`]) expect(packed).toContain(`/dist/${file}\n`);
  },
  120_000,
);
