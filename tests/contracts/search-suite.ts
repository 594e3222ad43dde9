import type { OpenSearch } from "../support/search-lab.ts";
import { knowledgeCases } from "./knowledge-suite.ts";
import { languageCases } from "./language-suite.ts";
import { patternCases } from "./pattern-suite.ts";
import { scriptCases } from "./script-suite.ts";
import { sessionCases } from "./session-suite.ts";

/** What every search has to keep, whatever it is made of. */
export function searchSuite(open: OpenSearch): void {
  knowledgeCases(open);
  sessionCases(open);
  patternCases(open);
  scriptCases(open);
  languageCases(open);
}
