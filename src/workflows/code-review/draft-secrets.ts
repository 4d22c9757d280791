import type { Answers } from "./answers.js";
import type { Draft } from "./types.js";

export function draftSecrets({ findings }: NonNullable<Answers["secrets"]>): readonly Draft[] {
  return findings.map(({ file, line, kind, severity, excerpt }) => {
    const isAmongTests = severity === "medium";
    return {
      severity: severity === "info" ? "low" : severity,
      kind: "secret",
      file,
      line,
      title: `${capital(kind)} in the code`,
      evidence: excerpt,
      recommendation: isAmongTests
        ? "If it was ever valid, revoke it where it was issued. Then make one up at run time, or read it from the environment."
        : "Revoke it where it was issued: what was committed once has leaked, also when the line is deleted. Then read it from the environment or a secret store.",
      action: { title: `Revoke and remove the ${kind}`, effort: "medium" },
      quotable: false,
    };
  });
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
