// An emulated Pico beside a virtual module in virtual time: the board runs until something of it
// or of the module is due for the other, and the other then answers. No time of the machine is in
// it, so two runs are the same to the instruction.
//
//     node lockstep.mjs '{"emulator": …, "image": …, "paced": …, "limit": …, "asks": …,
//                        "pins": …, "cuts": …}'
//
// Lines go out on standard output, answers come in on standard input:
//
//     say TEXT                            the board printed a line; where it is `asks`, the board
//                                         stands still until it is told, in hex, what to type
//                                         `power lost` is said when that went: see Board's cuts
//     pin NANOS N LEVEL                   the program drives this one of `pins` high (1) or not (0)
//     mark N INSTRUCTIONS CYCLES NANOS    the program wrote N to the watchdog's SCRATCH0
//     at NANOS HEX                        UART1 has sent these bytes, or the module is due;
//                                         the answer: HEX NANOS, what the module says and when it
//                                         is due next (0: it waits for the board)
//     end REASON                          the last line

import fs from "node:fs";
import { pathToFileURL } from "node:url";

import { Board } from "./board.mjs";

const config = JSON.parse(process.argv[2]);
const { RP2040 } = await import(pathToFileURL(config.emulator).href);
const NEWLINE = 10;
const MOST = 64; // bytes that are told at once

const input = Buffer.alloc(1 << 20);
let held = "";
let printed = [];
let sent = [];
let finished = false;
let pinned = false;

function tell(text) {
  fs.writeSync(1, text + "\n");
}

// What is typed at the REPL's UART when the board has printed `asks`.
function said(text) {
  tell("say " + text);
  if (text === config.asks) board.uart[0].feed(Buffer.from(answer()[0], "hex"));
}

function answer() {
  while (!held.includes("\n")) {
    const count = fs.readSync(0, input);
    if (!count) process.exit(0);
    held += input.toString("latin1", 0, count);
  }
  const end = held.indexOf("\n");
  const line = held.slice(0, end);
  held = held.slice(end + 1);
  return line.split(" ");
}

const board = new Board({
  RP2040,
  flash: fs.readFileSync(config.image),
  uarts: [
    {
      paced: false,
      sent: (byte) => {
        if (byte !== NEWLINE) printed.push(byte);
        else said(Buffer.from(printed.splice(0)).toString("utf8").trimEnd());
      },
    },
    {
      paced: config.paced,
      sent: (byte) => {
        sent.push(byte);
        if (sent.length >= MOST) board.paused = true;
      },
      finished: () => {
        finished = board.paused = true;
      },
    },
  ],
  pins: config.pins ?? [],
  pinned: (pin, high) => {
    tell(`pin ${Math.round(board.now)} ${pin} ${+high}`);
    pinned = board.paused = true;
  },
  cuts: config.cuts,
  lost: () => {
    printed = [];
    sent = [];
    tell("say power lost");
  },
  marked: (number) => {
    tell(`mark ${number} ${board.instructions} ${board.cycles} ${Math.round(board.now)}`);
  },
});

const limit = config.limit * 1e9;
let due = Infinity;

function exchange() {
  tell(`at ${Math.round(board.now)} ${Buffer.from(sent.splice(0)).toString("hex")}`);
  finished = pinned = false;
  const [bytes, next] = answer();
  board.uart[1].feed(Buffer.from(bytes, "hex"));
  due = +next || Infinity;
}

exchange();
while (board.now < limit) {
  board.run(Math.min(due, limit));
  if ((finished && sent.length) || sent.length >= MOST || pinned || board.now >= due) exchange();
  else if (due === Infinity && board.sleepsForEver) {
    tell("end asleep");
    process.exit(0);
  }
}
tell("end late");
