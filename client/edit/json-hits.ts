import type { JsonPath } from "./edit.ts";
import { isContainer, nodesAt, valueOf } from "./json-value.ts";
import type { Json, JsonContainer, JsonMember, JsonNode } from "./jsonc.ts";

/** What tells ours in a JSON text. */
export interface JsonMark {
  readonly path: JsonPath;
  readonly at: "property" | "element";
  isOurs(value: Json): boolean;
}

/** A member of a container. */
export interface Step {
  readonly container: JsonContainer;
  readonly member: JsonMember;
}

/** Something of ours: its value, and the members on the way to it, beginning with that of the container where we put things. */
export interface Hit {
  readonly value: JsonNode;
  readonly steps: readonly Step[];
}

/** All that is ours at the place of a mark, in the order of the text. */
export function hitsOf(root: JsonNode, mark: JsonMark): Hit[] {
  const { path, at } = mark;
  const isOurs = (value: Json) => mark.isOurs(value);
  if (at === "element") return nodesAt(root, path).flatMap((node) => within(node, isOurs, []));
  return nodesAt(root, path.slice(0, -1)).flatMap((node) =>
    stepsOf(node)
      .filter(({ member }) => member.name === path.at(-1) && isOurs(valueOf(member.value)))
      .map((step) => ({ value: step.member.value, steps: [step] })),
  );
}

/** In the members of a container and all that is in them: of what is ours the smallest, so that others beside it in a group are none. */
function within(node: JsonNode, isOurs: (value: Json) => boolean, above: readonly Step[]): Hit[] {
  return stepsOf(node).flatMap((step) => {
    const { value } = step.member;
    const steps = [...above, step];
    const inner = within(value, isOurs, steps);
    if (inner.length > 0) return inner;
    return isOurs(valueOf(value)) ? [{ value, steps }] : [];
  });
}

function stepsOf(node: JsonNode): Step[] {
  return isContainer(node) ? node.members.map((member) => ({ container: node, member })) : [];
}
