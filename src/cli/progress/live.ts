import { type DefaultRenderer, Listr, ListrLogger, type ListrTask, ProcessOutput } from "listr2";
import type { Display, StepStatus } from "./display.js";

type Task = ListrTask<unknown, typeof DefaultRenderer, typeof DefaultRenderer>;
type Wrapper = Parameters<Task["task"]>[1];

/** A line of its own for each step, which changes until the step has ended. */
export function liveDisplay(stream: NodeJS.WriteStream): Display {
  const rows = new Map<string, Row>();
  const begun: Task[] = [];
  let isClosed = false;
  let wake = (): void => {};
  let running: Promise<unknown> | undefined;
  let bottom: Wrapper | undefined;

  // Steps become known on the way, and listr2 takes tasks only before it begins them: so what comes next is a task too.
  const next: Task = {
    async task(_context, wrapper) {
      bottom ??= wrapper;
      while (begun.length === 0 && !isClosed) await new Promise<void>((resolve) => (wake = resolve));
      if (begun.length === 0) return undefined;
      return wrapper.newListr([...begun.splice(0), next], { concurrent: true });
    },
  };

  return {
    show(step, status, text) {
      running ??= start(stream, next);
      let row = rows.get(step);
      if (row === undefined) {
        row = createRow(text);
        rows.set(step, row);
        begun.push(row.task);
        wake();
      }
      row.change(status, text);
      // The same name again is another row: the attempt of another day, or the next message of a conversation.
      if (row.isOver) rows.delete(step);
    },
    hint(text) {
      if (bottom !== undefined) bottom.output = text;
    },
    async close() {
      isClosed = true;
      wake();
      await running;
    },
  };
}

interface Row {
  readonly task: Task;
  readonly isOver: boolean;
  change(status: StepStatus, text: string): void;
}

function createRow(title: string): Row {
  let wrapper: Wrapper | undefined;
  let text = title;
  let end: StepStatus | undefined;
  let settle = (): void => {};
  const over = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return {
    task: {
      title,
      async task(_context, own) {
        wrapper = own;
        own.title = text;
        await over;
        own.title = text;
        if (end === "failed") throw new Error(text);
        if (end !== "done") own.skip(text);
      },
    },
    get isOver() {
      return end !== undefined;
    },
    change(status, changed) {
      text = changed;
      if (wrapper !== undefined) wrapper.title = changed;
      if (status === "started" || status === "retrying") return;
      end = status;
      settle();
    },
  };
}

/** All of it goes to the one stream, also when the answer goes to a file. */
function start(stream: NodeJS.WriteStream, first: Task): Promise<unknown> {
  const processOutput = new ProcessOutput(stream, stream, { leaveEmptyLine: false });
  const rendererOptions = {
    logger: new ListrLogger({ useIcons: true, toStderr: [], processOutput }),
    icon: { SKIPPED_WITH_COLLAPSE: "-" },
  };
  const list = new Listr<unknown, "default", "default">([first], {
    concurrent: true,
    exitOnError: false,
    // The command itself hears of Ctrl-C, and ends the servers first.
    registerSignalListeners: false,
    rendererOptions,
    // Also without a terminal at standard output, where listr2 looks.
    renderer: "default",
    fallbackRenderer: "default",
    fallbackRendererOptions: rendererOptions,
  });
  const running = list.run();
  // Looked at when it ends.
  running.catch(() => {});
  return running;
}
