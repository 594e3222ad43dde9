/** A process that redeems a join code and is killed at one file-system call; prints what it was exchanged for. */
import { redeemJoin } from "../../server/access/redeem-join.ts";
import { failAt } from "./faults.ts";
import { joinBooks } from "./join-books.ts";

const [, , root = "", at = "", code = ""] = process.argv;
const books = await joinBooks(root);
let tokens: unknown;
{
  using _faults = await failAt(Number(at), "kill");
  tokens = await redeemJoin(books, { code });
}
process.stdout.write(JSON.stringify(tokens));
