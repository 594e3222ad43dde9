/** What became of a document in the index: its row, and perhaps the reason why its text is not there. */
export type Outcome =
  | { state: "held"; id: number }
  | { state: "failed"; id: number; fault: string }
  | { state: "gone" };
