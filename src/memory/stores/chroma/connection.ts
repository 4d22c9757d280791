/** Where the server is, and who asks. */
export interface ChromaAddress {
  /** As in `http://localhost:8000`. Without a port: 80, or 443 for https. */
  readonly url: string;
  /** Sent with every request, as in `{ "x-chroma-token": token }`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** @default "default_tenant" */
  readonly tenant?: string;
  /** @default "default_database" */
  readonly database?: string;
}

/**
 * What is used of a client of the package `chromadb`. In words of its own, as who does not use Chroma does not have that
 * package's types.
 */
export interface ChromaConnection {
  collection(id: string): object;
  getCollection(options: { readonly name: string }): Promise<object>;
  getMaxBatchSize(): Promise<number>;
  getOrCreateCollection(options: { readonly name: string }): Promise<object>;
  listCollections(options: { readonly limit: number; readonly offset: number }): Promise<readonly object[]>;
}
