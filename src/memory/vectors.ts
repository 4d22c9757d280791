import type { EmbeddingsInterface } from "@langchain/core/embeddings";

/** Vectors of one model, of one length each, searched by looking at all of them: exact, 5 ms for 10,000 of 384. */
export interface Vectors {
  readonly size: number;
  has(id: string): boolean;
  /** Vectors of another length than the first are refused: `false`. */
  add(id: string, vector: readonly number[] | Float32Array): boolean;
  remove(id: string): void;
  /** Cosine similarity of each accepted item to `query`, and the `limit` nearest, best first. */
  search(
    query: readonly number[],
    limit: number,
    accept: (id: string) => boolean,
  ): { readonly nearest: readonly string[]; similarity(id: string): number | undefined };
}

export function createVectors(): Vectors {
  const rows = new Map<string, number>();
  const ids: string[] = [];
  let dims = 0;
  let data = new Float32Array(0);

  function reserve(count: number): void {
    if (count * dims <= data.length) return;
    const wider = new Float32Array(Math.max(count, ids.length * 2, 64) * dims);
    wider.set(data.subarray(0, ids.length * dims));
    data = wider;
  }

  function cosine(row: number, query: Float32Array): number {
    let sum = 0;
    const start = row * dims;
    for (let i = 0; i < dims; i++) sum += (data[start + i] as number) * (query[i] as number);
    return sum;
  }

  return {
    get size() {
      return ids.length;
    },
    has: (id) => rows.has(id),
    add(id, vector) {
      if (ids.length === 0) dims = vector.length;
      if (vector.length !== dims || dims === 0) return false;
      const row = rows.get(id) ?? ids.length;
      reserve(row + 1);
      data.set(toUnit(vector), row * dims);
      rows.set(id, row);
      ids[row] = id;
      return true;
    },
    remove(id) {
      const row = rows.get(id);
      if (row === undefined) return;
      const last = ids.length - 1;
      const moved = ids[last] as string;
      data.copyWithin(row * dims, last * dims, (last + 1) * dims);
      ids[row] = moved;
      rows.set(moved, row);
      rows.delete(id);
      ids.length = last;
    },
    search(query, limit, accept) {
      const unit = toUnit(query);
      const fits = unit.length === dims;
      const scores = new Float64Array(fits ? ids.length : 0);
      const best: number[] = [];
      for (let row = 0; row < scores.length; row++) {
        const score = cosine(row, unit);
        scores[row] = score;
        const worst = best.length < limit ? Number.NEGATIVE_INFINITY : (scores[best.at(-1) ?? 0] as number);
        if (score <= worst || !accept(ids[row] as string)) continue;
        if (best.length === limit) best.pop();
        insert(best, row, (other) => (scores[other] as number) < score);
      }
      const nearest = best.map((row) => ids[row] as string);
      return {
        nearest,
        similarity(id) {
          const row = rows.get(id);
          return row === undefined ? undefined : scores[row];
        },
      };
    },
  };
}

export function packVector(vector: readonly number[]): string {
  return Buffer.from(Float32Array.from(vector).buffer).toString("base64");
}

export function unpackVector(packed: string): Float32Array {
  const bytes = Buffer.from(packed, "base64");
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** What tells vectors of one model from those of another: LangChain has no name of its own for it. */
export function modelOf(embeddings: EmbeddingsInterface): string {
  const { model, modelName, dimensions } = embeddings as unknown as Readonly<Record<string, unknown>>;
  return [embeddings.constructor.name, model ?? modelName, dimensions]
    .filter((part) => (typeof part === "string" && part !== "") || typeof part === "number")
    .join(":");
}

/** Puts `row` before the first for which `isWorse` holds; those are at the end. */
function insert(rows: number[], row: number, isWorse: (other: number) => boolean): void {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isWorse(rows[middle] as number)) high = middle;
    else low = middle + 1;
  }
  rows.splice(low, 0, row);
}

function toUnit(vector: readonly number[] | Float32Array): Float32Array {
  let square = 0;
  for (const value of vector) square += value * value;
  const length = Math.sqrt(square) || 1;
  return Float32Array.from(vector, (value) => value / length);
}
