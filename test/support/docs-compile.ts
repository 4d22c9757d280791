import { join } from "node:path";
import ts from "typescript";
import { root } from "./child.js";

/**
 * The compiler's options of a user's project: ours, without the paths to the source, so that `langbaton/...` is what
 * package.json exports of the built package.
 */
export function userOptions(): ts.CompilerOptions {
  const config = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile).config;
  const { paths: _, ...options } = ts.parseJsonConfigFileContent(config, ts.sys, root).options;
  return options;
}

/** A program of files that are only in memory, and of what they import. */
export function programOf(files: ReadonlyMap<string, string>): ts.Program {
  const options = { ...userOptions(), allowJs: true, checkJs: true };
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.readFile = (file) => files.get(file) ?? readFile.call(host, file);
  host.fileExists = (file) => files.has(file) || fileExists.call(host, file);
  host.getSourceFile = (file, target, ...rest) => {
    const text = files.get(file);
    return text === undefined
      ? getSourceFile.call(host, file, target, ...rest)
      : ts.createSourceFile(file, text, target);
  };
  return ts.createProgram([...files.keys()], options, host);
}

/** What the compiler says against these files, as `file:line: text`. */
export function complaints(program: ts.Program, files: ReadonlyMap<string, string>): string[] {
  return ts.getPreEmitDiagnostics(program).flatMap(({ file, start = 0, messageText }) => {
    if (file === undefined || !files.has(file.fileName)) return [];
    const line = file.getLineAndCharacterOfPosition(start).line + 1;
    return [`${file.fileName}:${line}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`];
  });
}
