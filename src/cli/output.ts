/** The answer. */
export function print(text: string): void {
  write(process.stdout, text.endsWith("\n") ? text : `${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** A line for the person who watches; never part of the answer. */
export function note(line: string): void {
  write(process.stderr, `${line}\n`);
}

/** Lets `langbaton list | head -1` end well: who reads no further has what they wanted. */
export function allowEarlyReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
}

/** A server's words could move the cursor of a terminal, rename it or write to the clipboard. */
function write(stream: NodeJS.WriteStream, text: string): void {
  stream.write(stream.isTTY ? text.replace(/(?![\n\t])\p{Cc}/gu, "") : text);
}
