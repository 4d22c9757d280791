// Run in a process of its own: writes to a SQLite store as fast as it can, and says of each batch when it was acknowledged.
import { writeSync } from "node:fs";

const [module, file, name, items, batches = "Infinity"] = process.argv.slice(2);
const { sqliteStore } = await import(module);
const store = sqliteStore(file);
for (let batch = 0; batch < Number(batches); batch++) {
  const text = `batch ${batch} of ${name} `.repeat(10);
  await store.batch(
    Array.from({ length: Number(items) }, (_, item) => ({
      namespace: ["writers", name, `${batch}`],
      key: `${item}`,
      value: { batch, item, text },
    })),
  );
  writeSync(1, `${batch}\n`);
}
await store.close();
