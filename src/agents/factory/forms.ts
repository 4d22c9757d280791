import { LRUCache } from "lru-cache";
import { z } from "zod";
import { inlined, type JsonSchema } from "./inlined.js";

/** What LangGraph's server asks a graph for its schemas: the definitions of its builder. */
interface Definitions {
  readonly _schemaRuntimeDefinition?: unknown;
  readonly _inputRuntimeDefinition?: unknown;
  readonly _outputRuntimeDefinition?: unknown;
  readonly _configRuntimeSchema?: unknown;
}

/** A graph of LangGraph's functional API has no builder, and no forms then. */
export type Described<Graph> = Graph & { readonly builder?: Definitions };

interface StateForms {
  getJsonSchema(): JsonSchema;
  getInputJsonSchema(): JsonSchema;
}

/**
 * A graph to be asked what it is like, not to be run. LangGraph's server (langgraph-api 1.5.0) looks for no context where
 * the state is a `StateSchema`, and asks zod objects for all: so each schema is given as a zod object that says the same.
 * Fields that are `readOnly` are no part of the input's form.
 */
export function withForms<Graph extends object>(graph: Described<Graph>, context: z.ZodObject): Graph {
  const { builder } = graph;
  if (builder === undefined) return graph;
  const definitions: Definitions = { ...stateForms(builder), ...contextForm(builder, context) };
  return derived(graph, { builder: derived(builder, definitions) });
}

/** What the graph itself lets a run choose comes after what the factory does. */
function contextForm({ _configRuntimeSchema: own }: Definitions, context: z.ZodObject): Definitions {
  // Not by its class: zod may be there twice, and an older one cannot be described.
  const ownShape = (own as { readonly shape?: z.ZodRawShape } | undefined)?.shape ?? {};
  const readable = Object.entries(ownShape).filter(([, schema]) => "_zod" in schema);
  const all = context.extend(Object.fromEntries(readable) as z.ZodRawShape);
  if (Object.keys(all.shape).length === 0) return {};
  return { _configRuntimeSchema: toForm(z.toJSONSchema(all, AS_FORM) as JsonSchema) };
}

const AS_FORM = {
  io: "input",
  // What has no JSON schema is asked for as anything.
  unrepresentable: "any",
  override: ({ zodSchema, jsonSchema }) => {
    if (zodSchema._zod.def.type === "date")
      Object.assign(jsonSchema, { type: "string", format: "date-time" });
  },
} as const satisfies z.core.ToJSONSchemaParams;

/** None for a graph whose state is no `StateSchema`: the server reads all that it says. */
function stateForms(builder: Definitions): Definitions {
  const state = formsOf(builder._schemaRuntimeDefinition);
  if (state === undefined) return {};
  // The input's own definition is a symbol where it is all of the state.
  const input = formsOf(builder._inputRuntimeDefinition) ?? state;
  const output = formsOf(builder._outputRuntimeDefinition) ?? state;
  return {
    _schemaRuntimeDefinition: toForm(state.getInputJsonSchema()),
    _inputRuntimeDefinition: toForm(input.getInputJsonSchema(), ({ readOnly }) => readOnly !== true),
    _outputRuntimeDefinition: toForm(output.getJsonSchema()),
  };
}

function formsOf(definition: unknown): StateForms | undefined {
  const isStateSchema =
    typeof definition === "object" && definition !== null && "getJsonSchema" in definition;
  return isStateSchema ? (definition as StateForms) : undefined;
}

/** LangGraph remembers every zod object that it was shown: what says the same must be the same. */
const forms = new LRUCache<string, z.ZodObject>({ max: 200 });

/** Each key allows anything, and is described by its JSON schema. */
function toForm(schema: JsonSchema, isWanted: (field: JsonSchema) => boolean = () => true): z.ZodObject {
  const properties = (inlined(schema).properties ?? {}) as Readonly<Record<string, JsonSchema>>;
  const fields = Object.entries(properties).filter(([, field]) => isWanted(field));
  const key = JSON.stringify(fields);
  const form =
    forms.get(key) ??
    z.looseObject(Object.fromEntries(fields.map(([name, field]) => [name, z.any().optional().meta(field)])));
  forms.set(key, form);
  return form;
}

function derived<Value extends object>(value: Value, changes: object): Value {
  return Object.create(value, Object.getOwnPropertyDescriptors(changes)) as Value;
}
