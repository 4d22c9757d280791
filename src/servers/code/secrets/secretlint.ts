import { rules } from "@secretlint/secretlint-rule-preset-recommend";

export interface Report {
  /** The rule's name: "aws", "slack". */
  readonly rule: string;
  readonly start: number;
  readonly end: number;
}

/** A rule of Secretlint, as far as it is used here. */
interface Rule {
  readonly meta: { readonly id: string; readonly supportedContentTypes: readonly string[] };
  create(context: object, options: object): { file?(source: object): unknown };
}

const RULES = (rules as unknown as readonly Rule[]).filter(
  ({ meta }) =>
    // Those for binary files report a text as a whole.
    meta.supportedContentTypes.includes("text") &&
    // Finds no secrets, but comments for the engine.
    !meta.id.endsWith("filter-comments"),
);

/**
 * Runs the rules of Secretlint's recommended preset over one text. Without Secretlint's engine: its profiler keeps a
 * record of each rule's run for as long as the process lives and goes through all of them at the next, so that a server
 * that stays grows and slows down (12.0.0, `@secretlint/profiler`).
 */
export async function secretlint(path: string, text: string): Promise<readonly Report[]> {
  const reports: Report[] = [];
  const source = {
    content: text,
    contentType: "text",
    ext: path.slice(path.lastIndexOf(".")),
    filePath: path,
    hasBOM: false,
    getFilePath: () => path,
    // Nothing may be read beside the text.
    getPhysicalFilePath: () => undefined,
  };
  for (const rule of RULES) {
    const context = {
      sharedOptions: {},
      // The words of its messages are not used.
      createTranslator: () => (messageId: string, data?: object) => ({ message: messageId, messageId, data }),
      ignore: () => {},
      report: ({ range: [start, end] }: { readonly range: readonly [number, number] }) => {
        reports.push({ rule: rule.meta.id.replace(/^.*rule-/, ""), start, end });
      },
    };
    await rule.create(context, {}).file?.(source);
  }
  return reports;
}
