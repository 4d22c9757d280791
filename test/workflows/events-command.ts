// Run in a process of its own: the two commands, as the command line wires them.
import { Command } from "commander";
import { addEvents } from "../../src/cli/events.js";
import { fail } from "../../src/cli/exit.js";
import { addServeEvents } from "../../src/cli/serve-events.js";

const program = new Command("langbaton");
addServeEvents(program);
addEvents(program);
await program.parseAsync().catch(fail);
