import type { StructuredToolInterface } from "@langchain/core/tools";
import { tool } from "langchain";
import { z } from "zod";

export interface Invented {
  readonly server?: string;
  readonly parameters?: z.ZodObject;
  readonly run?: (args: Readonly<Record<string, unknown>>) => unknown;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A tool as `loadTools` makes them: named after the server's own, with both names in its metadata. */
export function invent(name: string, description: string, rest: Invented = {}): StructuredToolInterface {
  const { server, parameters = z.object({}), run = () => `${name} ran`, metadata } = rest;
  return tool(async (args) => run(args as Readonly<Record<string, unknown>>), {
    name,
    description,
    schema: parameters,
    metadata: { ...(server !== undefined && { server, tool: name }), ...metadata },
  }) as unknown as StructuredToolInterface;
}

const text = z.string();

/** Servers of an office that does not exist. */
export const officeTools = (): StructuredToolInterface[] => [
  invent("water_plant", "Waters one plant of the greenhouse.", {
    server: "greenhouse",
    parameters: z.object({ plantId: text.describe("Which plant") }),
  }),
  invent("readSoilMoisture", "Measures how wet the earth of a bed is.", {
    server: "greenhouse",
    parameters: z.object({ bed: z.enum(["tomatoes", "roses"]) }),
  }),
  invent("find_plant", "Finds plants by their name.", {
    server: "greenhouse",
    parameters: z.object({ name: text }),
  }),
  invent("bar_chart", "Draws a bar chart of numbers.", {
    server: "drawing",
    parameters: z.object({ values: z.array(z.number()) }),
  }),
  invent("fetch_page", "Fetches a web page and returns its text.", {
    server: "web",
    parameters: z.object({ url: text.describe("Address of the page") }),
  }),
  invent("to_pdf", "Converts a document to PDF.", {
    server: "office",
    parameters: z.object({ documentPath: text }),
  }),
  invent("delete_document", "Deletes a document for good.", {
    server: "office",
    parameters: z.object({ documentPath: text }),
  }),
  invent("book_room", "Books a meeting room.", {
    server: "office",
    parameters: z.object({ day: text, equipment: text.describe("A projector or a whiteboard").optional() }),
  }),
  invent("ring_bell", "Rings the bell at the door."),
];
