const EXAMPLE_PATH =
  /(?:^|\/)(?:tests?|__tests__|specs?|fixtures?|__fixtures__|examples?|samples?|mocks?|__mocks__|testdata|e2e|bench(?:marks?)?|docs?)\/|[._-](?:test|spec|stories)\.\w+$|\.(?:example|sample|template|mdx?|rst|adoc)$/i;

/** Whether a file lies among tests, examples or documentation. */
export function isExamplePath(path: string): boolean {
  return EXAMPLE_PATH.test(path);
}
