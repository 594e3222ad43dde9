import { MadeJoin } from "../../contract/wire.ts";
import { readLocalAdmin } from "../../server/storage/local-admin.ts";
import type { TestServer } from "./server.ts";

/** A code that a machine joins with, as `federated-memory join` makes it. */
export async function joinCode(server: TestServer, machine: string): Promise<string> {
  const local = await readLocalAdmin(server.root);
  const answer = await server.api("admin/joins", {
    method: "POST",
    token: local?.token ?? "",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ machine }),
  });
  return MadeJoin.parse(await answer.json()).code;
}
