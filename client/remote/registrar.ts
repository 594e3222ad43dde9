import { AiRegistration, WhoAmI, type WorkspaceName } from "../../contract/wire.ts";
import { Connection, type Credential } from "./connection.ts";

/** An AI's way to its own workspace, with its token. Every method throws RemoteError. */
export class Registrar {
  readonly #connection: Connection;

  constructor(root: string, token: Credential) {
    this.#connection = new Connection(root, token);
  }

  async whoAmI(): Promise<WhoAmI> {
    return this.#connection.json(WhoAmI, { method: "GET", path: "/whoami" });
  }

  /** Creates or finds the workspace. `forbidden` outside of what the token may write. Only for AI tokens. */
  async register(name: WorkspaceName): Promise<AiRegistration> {
    return this.#connection.json(AiRegistration, {
      method: "POST",
      path: "/workspaces",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(name),
    });
  }
}
