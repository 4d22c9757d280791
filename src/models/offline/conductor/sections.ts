import { type BaseMessage, SystemMessage } from "@langchain/core/messages";
import { textOf } from "../conversation.js";

/** A tagged section of a system message, such as `<task id="t1" status="done">...</task>`. */
export interface Section {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
}

const SECTION = /<([a-z][\w-]*)\b([^>]*)>([\s\S]*?)<\/\1>/gi;
/** Sections that only hold others. What stands inside any other is its text: a finding cannot pose as a task. */
const HOLDERS = new Set(["findings", "plan", "specialists", "tasks", "team"]);

/** The sections of the system messages, in order. */
export function sectionsOf(messages: readonly BaseMessage[]): Section[] {
  return messages.filter((message) => SystemMessage.isInstance(message)).flatMap((one) => read(textOf(one)));
}

function read(text: string): Section[] {
  return [...text.matchAll(SECTION)].flatMap(([, name = "", attributes = "", inner = ""]) => {
    const tag = name.toLowerCase();
    return HOLDERS.has(tag)
      ? read(inner)
      : [{ tag, attributes: readAttributes(attributes), text: inner.trim() }];
  });
}

const ENTITIES: Readonly<Record<string, string>> = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&amp;": "&" };

function readAttributes(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/([\w-]+)="([^"]*)"/g)];
  return Object.fromEntries(
    pairs.map(([, name = "", value = ""]) => [
      name,
      value.replace(/&(?:lt|gt|quot|amp);/g, (entity) => ENTITIES[entity] ?? entity),
    ]),
  );
}
