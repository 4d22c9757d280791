#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { VERSION } from "../core/version.js";
import { addApprovals } from "./approvals.js";
import { addAsk } from "./ask.js";
import { addCall } from "./call.js";
import { addDoctor } from "./doctor.js";
import { addEvents } from "./events.js";
import { EXIT, fail } from "./exit.js";
import { addInit } from "./init.js";
import { addList } from "./list.js";
import { allowEarlyReaders } from "./output.js";
import { addServeEvents } from "./serve-events.js";
import { addWorkflow } from "./workflow.js";

const program = new Command("langbaton")
  .description("MCP servers as LangChain tools, and agents that use them.")
  .version(VERSION)
  .showHelpAfterError("(add --help for what there is)")
  .exitOverride()
  .addHelpText(
    "after",
    `
Answers go to standard output, everything else to standard error.
Exit codes: 0 done; 1 a fault of this program; 2 wrong usage or configuration; 3 a server could not be
reached; 4 a tool, a model or a workflow failed; 5 a workflow waits for a person; 130 interrupted.`,
  );
addInit(program);
addAsk(program);
addList(program);
addCall(program);
addDoctor(program);
addWorkflow(program);
addApprovals(program);
addServeEvents(program);
addEvents(program);

allowEarlyReaders();
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
  else fail(error);
}
