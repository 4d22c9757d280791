import { BatonError, reasonOf } from "../../core/errors.js";

const denied = "it may not be read or written. Give a folder that you may write to";

/** What is wrong and what to do, by the system's code. */
const PROBLEMS: Readonly<Record<string, string>> = {
  EACCES: denied,
  EPERM: denied,
  EROFS: denied,
  EISDIR: "a folder stands where the file should. Move it away",
  ENOENT: "it is not there. Make that folder first",
  ENOSPC: "the disk is full. Make room",
  NO_NAME: "it is no name of a folder. Give one, or none for this folder",
  READ_ONLY: "it is read-only. Make it writable, or move it away",
  ENOTDIR: "a file stands where the folder should. Move it away, or give another folder",
};

/** That a path cannot be used, why, and what to do. */
export function refuse(path: string, cause: unknown): BatonError {
  const { code = "" } = cause as NodeJS.ErrnoException;
  const problem = PROBLEMS[code] ?? `${reasonOf(cause)}. Give another folder`;
  return new BatonError("INVALID_ARGUMENTS", `'${path}' cannot be used: ${problem}`, {
    cause,
    data: { path },
  });
}
