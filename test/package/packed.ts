import { mkdir, mkdtemp, readdir, rename, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { root, run } from "../support/child.js";

/** What a user installs only where it is needed. */
export const OPTIONAL_PEERS: readonly string[] = Object.keys(manifest.peerDependenciesMeta);

/** Runs a command, which must end well, and gives what it printed. */
export async function runWell(
  command: string,
  args: readonly string[],
  options: Parameters<typeof run>[2] = {},
): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, options);
  expect(code, `${command} ${args.join(" ")}\n${stdout}\n${stderr}`).toBe(0);
  return stdout;
}

/** Packs the built package as it would be published. @returns path of the tarball */
export async function pack(folder: string): Promise<string> {
  const args = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder];
  const [packed] = JSON.parse(await runWell("npm", args, { cwd: root })) as { filename: string }[];
  return join(folder, packed?.filename ?? "");
}

/**
 * An empty folder in which the packed package is installed as a real one, and all others but its optional peers are
 * links to those of this repository: what is not packed is not there.
 */
export async function linkedProject(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "langbaton-packed-"));
  const modules = join(folder, "node_modules");
  await mkdir(modules);
  const tarball = await pack(folder);
  await runWell("tar", ["-xzf", tarball, "-C", modules]);
  await rm(tarball);
  await rename(join(modules, "package"), join(modules, "langbaton"));
  for (const name of await installed()) {
    if (OPTIONAL_PEERS.includes(name)) continue;
    const link = join(modules, name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(root, "node_modules", name), link);
  }
  return folder;
}

/** Names of the packages in this repository's node_modules. */
async function installed(): Promise<readonly string[]> {
  const modules = join(root, "node_modules");
  const names = (await readdir(modules)).filter((name) => !name.startsWith("."));
  const list = names.map(async (name) =>
    name.startsWith("@") ? (await readdir(join(modules, name))).map((each) => `${name}/${each}`) : [name],
  );
  return (await Promise.all(list)).flat();
}

/** Imports every entry of the installed package's `exports` in a process of its own; gives what cannot be. */
export async function importAll(folder: string): Promise<readonly string[]> {
  const program = `
    const { exports } = (await import("langbaton/package.json", { with: { type: "json" } })).default;
    const failures = [];
    for (const entry of Object.keys(exports).filter((entry) => !entry.endsWith(".json"))) {
      await import("langbaton" + entry.slice(1)).catch((error) => failures.push(entry + ": " + error.message));
    }
    console.log(JSON.stringify(failures));`;
  return JSON.parse(await runWell(process.execPath, ["--input-type=module", "-e", program], { cwd: folder }));
}
