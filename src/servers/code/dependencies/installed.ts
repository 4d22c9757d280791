import { join } from "node:path/posix";
import type { Folder } from "../folder.js";
import { shown } from "../shown.js";
import { isRecord } from "./manifest.js";

/** What an installed package says of itself. */
export interface Installed {
  readonly licence: string | undefined;
  readonly commands: readonly string[];
  readonly peers: readonly string[];
}

const PACKAGE_NAME = /^(?:@[\w.~-]+\/)?[\w~-][\w.~-]*$/;
/** Their terms reach what is built on them. */
const COPYLEFT = /\b(?:A?GPL|SSPL|OSL|EUPL|CC-BY-(?:NC|SA)|BUSL|Elastic)\b/i;

/** Looks in `node_modules` of the package and of the folders above it, up to the root. */
export async function installedAt(
  { peek }: Pick<Folder, "peek">,
  folder: string,
  name: string,
): Promise<Installed | undefined> {
  // A name goes into a path: of a hostile manifest, only what npm would install.
  if (!PACKAGE_NAME.test(name)) return undefined;
  const parts = folder === "." ? [] : folder.split("/");
  for (let depth = parts.length; depth >= 0; depth--) {
    const file = join(".", ...parts.slice(0, depth), "node_modules", name, "package.json");
    const text = await peek(file);
    if (text !== undefined) return parse(text, name);
  }
  return undefined;
}

/** What is to be looked at in a licence; undefined when nothing is. */
export function licenceProblem(licence: string | undefined): string | undefined {
  if (licence === undefined) return "says nothing of its licence";
  if (/^(?:UNLICENSED|SEE LICENSE)/i.test(licence)) return `has no usual licence: ${licence}`;
  // With a choice, one that fits suffices.
  const choices = licence.replace(/[()]/g, "").split(/\s+OR\s+/i);
  return choices.every((choice) => COPYLEFT.test(choice)) ? `is under ${licence}` : undefined;
}

function parse(text: string, name: string): Installed | undefined {
  try {
    const json: unknown = JSON.parse(text);
    if (!isRecord(json)) return undefined;
    const { bin } = json;
    const licence = licenceIn(json);
    const last = name.slice(name.lastIndexOf("/") + 1);
    return {
      licence: licence === undefined ? undefined : shown(licence),
      commands: isRecord(bin) ? Object.keys(bin) : typeof bin === "string" ? [last] : [],
      peers: isRecord(json.peerDependencies) ? Object.keys(json.peerDependencies) : [],
    };
  } catch {
    return undefined;
  }
}

/** Also in the forms of old manifests. */
function licenceIn({ license, licenses }: Record<string, unknown>): string | undefined {
  if (typeof license === "string" && license !== "") return license;
  const listed = (Array.isArray(licenses) ? licenses : [license]).flatMap((one) =>
    isRecord(one) && typeof one.type === "string" ? [one.type] : [],
  );
  return listed.length > 0 ? listed.join(" OR ") : undefined;
}
