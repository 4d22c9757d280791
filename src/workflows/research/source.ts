/** A piece of a document that a source found: a section, a few paragraphs. What a citation rests on, word for word. */
export interface Passage {
  /** Its first 8,000 characters are read. */
  readonly text: string;
  /** Of the document. @default its `uri` */
  readonly title?: string;
  /** Of the part of the document that the text is. */
  readonly heading?: string;
  /** Where the document is: an address, or a path inside of the source. */
  readonly uri?: string;
  /** ISO date, `YYYY-MM-DD`: when what it says was written or last changed. */
  readonly updated?: string;
}

/** Something that can be searched: a tool of an MCP server, a folder of notes, a database of one's own. */
export interface ResearchSource {
  /** Unique among the sources of a graph: answers name it beside each citation. */
  readonly name: string;
  /** What it knows, for the model that plans the searches. */
  readonly description: string;
  /**
   * What fits best, best first. Nothing found is an empty list; a source that cannot answer rejects, which costs its part
   * of the answer and not the others'.
   */
  search(query: string, options: SearchOptions): Promise<readonly Passage[]>;
}

export interface SearchOptions {
  /** Most passages. More are left out. */
  readonly limit: number;
  /** Fires when the result is no longer wanted, as it is late for example. */
  readonly signal: AbortSignal;
  /** To be told, in words for people, what could not be searched while the rest was: it is named below the answer. */
  readonly onUnread?: (message: string) => void;
}
