/** A command that is not carried out, in the words that its caller gets. Nothing was changed. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}
