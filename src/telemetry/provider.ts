/**
 * What is made from the registered OpenTelemetry provider, made anew when another one is registered. To ask each time
 * also finds a provider that another copy of OpenTelemetry's API registered after we were set up; its own stand-ins
 * for late providers know only those of their own copy.
 */
export function fromProvider<P, T>(registered: () => P, make: (provider: P) => T): () => T {
  let last: { readonly provider: P; readonly made: T } | undefined;
  return () => {
    const provider = registered();
    if (last?.provider !== provider) last = { provider, made: make(provider) };
    return last.made;
  };
}
