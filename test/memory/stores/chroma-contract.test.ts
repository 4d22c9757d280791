import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, test } from "vitest";
import { chromaStore } from "../../../src/memory/stores/chroma.js";
import { storeContract } from "../../../src/memory/stores/contract.js";
import { type ChromaServer, chromaPackage, startChroma, unlessSkipped } from "../../support/chroma-server.js";

/** Other tests may keep the machine busy. */
const PATIENT_MS = 20_000;
/** 10,000 for a long run. */
const count = Number(process.env.CHROMA_FUZZ ?? 300);

describe.skipIf(chromaPackage === "")(`chromaStore() keeps the contract${unlessSkipped}:`, () => {
  let server: ChromaServer;
  const options = () => ({ url: server.url, timeoutMs: PATIENT_MS, collectionPrefix: randomUUID() });

  beforeAll(async () => {
    server = await startChroma();
  }, 90_000);
  afterAll(() => server.stop());

  const cases = storeContract(async () => chromaStore(options()), {
    openIndexed: async (index) => chromaStore({ ...options(), index }),
    fuzz: { count },
  });
  for (const { name, run } of cases) test(name, run, Math.max(60_000, count * 60));
});
