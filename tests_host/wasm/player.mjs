// Runs one program after another, each in an interpreter of its own, with what this process has
// compiled already.
//
// A request is a line of JSON on standard input: the configuration of run.mjs, and the `mark` that
// stands before the exit code in the line that follows the program's output.

import { createInterface } from "node:readline";
import { Output } from "./output.mjs";
import { play } from "./run.mjs";

for await (const line of createInterface({ input: process.stdin })) {
  const config = JSON.parse(line);
  const output = new Output(1);
  const code = await play(config, output);
  output.write(Buffer.from(`${config.mark} ${code}\n`));
  output.write = () => {}; // what the program has left behind is not heard any more
}
process.exit(0); // the reader of lines would stay
