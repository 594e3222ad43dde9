import { AREAS } from "../knowledge/area.ts";
import { LAYOUT } from "../storage/layout.ts";

const ID = `${LAYOUT.workspaces}/[^/]+`;
const PARTS = [
  `${LAYOUT.meta}(/[^/]+)?`,
  `${LAYOUT.workspaces}(/[^/]+)?`,
  `${ID}/(${LAYOUT.identity}|${LAYOUT.overview}|${AREAS.map(({ current }) => current).join("|")}|${LAYOUT.versions})`,
  `${ID}/${LAYOUT.versions}/.+`,
  `${ID}/${LAYOUT.sessions}(/[0-9]{4}(/[0-9]{2}(/.+)?)?)?`,
];
const PART = new RegExp(`^(${PARTS.join("|").replaceAll(/[.](?=[a-z])/g, "\\.")})$`, "s");

/**
 * Whether what no backup holds is in a place that the store needs, or has a name that nobody can spell: memory may lie behind
 * it, which neither the server nor a backup reads. Other links are only somebody's own.
 */
export function isLostPlace(path: string): boolean {
  return path.includes("\ufffd") || PART.test(path);
}

/** How many of what was left out were lost; undefined for none, as a backup says it of itself. */
export function lostAmong(skipped: readonly string[]): number | undefined {
  const lost = skipped.filter(isLostPlace).length;
  return lost === 0 ? undefined : lost;
}
