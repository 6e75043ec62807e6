// An emulated Pico with the REPL on a TCP port and UART1 on another program, in real time.
//
//     node emulator.mjs '{"emulator": …, "image": …, "repl": "HOST:PORT", "uart1": "HOST:PORT"}'
//
// Prints `listening HOST:PORT` when the REPL can be connected to; port 0 takes a free one. UART1 is
// connected to who listens at `uart1`, if it is given, and again when that went away and came
// back. The end of standard input ends the emulator; with `save` the flash is then written back.
//
// The board's time stands still while the host is too slow for it: no time-out of the board is
// over only because the machine has something else to do.

import fs from "node:fs";
import net from "node:net";
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";

import { Board } from "./board.mjs";

const SLICE = 2e6; // ns of the board's time at once
const MOST_ASLEEP = 1e6; // ns that it sleeps before the host's other programs get a turn
const MOST_UNHEARD = 1 << 16; // bytes
const FLASH = 2 << 20; // bytes
const AGAIN = 50; // ms until a connection that was refused is tried again

const config = JSON.parse(process.argv[2]);
const { RP2040 } = await import(pathToFileURL(config.emulator).href);

function address(text) {
  const colon = text.lastIndexOf(":");
  return { host: text.slice(0, colon), port: +text.slice(colon + 1) };
}

// What one of the board's UARTs is connected to.
class Line {
  constructor() {
    this.waiting = [];
    this.socket = null;
  }

  options(paced) {
    return { paced, sent: (byte) => this.waiting.push(byte) };
  }

  wire(socket, uart) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (bytes) => {
      uart().feed(bytes);
      wake();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      if (this.socket === socket) this.socket = null;
    });
  }

  // What nobody hears yet waits for who comes, so far as it is no flood.
  flush() {
    if (this.socket && this.waiting.length) this.socket.write(Buffer.from(this.waiting.splice(0)));
    else if (this.waiting.length > MOST_UNHEARD) this.waiting.splice(0, MOST_UNHEARD / 2);
  }
}

const repl = new Line();
const line = new Line();
const board = new Board({
  RP2040,
  flash: fs.readFileSync(config.image),
  uarts: [repl.options(false), line.options(true)],
});

// `then` is called once it is known whether somebody listens there.
function connect(then) {
  const socket = net.connect(address(config.uart1));
  socket.on("connect", () => {
    line.wire(socket, () => board.uart[1]);
    then();
  });
  socket.on("close", () => setTimeout(() => connect(() => {}), AGAIN));
  socket.on("error", then);
}

let timer = null; // while the board sleeps
let slept = 0; // the host's time when it fell asleep

function wake() {
  if (timer === null) return;
  clearTimeout(timer);
  turn();
}

let started = false;

function start() {
  if (!started) setImmediate(turn);
  started = true;
}

function turn() {
  timer = null;
  const host = performance.now() * 1e6;
  if (slept) board.run(board.now + Math.min(MOST_ASLEEP, host - slept));
  slept = 0;
  board.run(board.now + SLICE, false);
  repl.flush();
  line.flush();
  if (board.asleep) {
    slept = performance.now() * 1e6;
    timer = setTimeout(turn, 1);
  } else setImmediate(turn);
}

const server = net.createServer((socket) => repl.wire(socket, () => board.uart[0]));
server.listen(address(config.repl), () => {
  const { address: host, port } = server.address();
  console.log(`listening ${host}:${port}`);
  if (config.uart1) connect(start);
  else start();
});

function end() {
  if (config.save && board.changed) fs.writeFileSync(config.image, board.chip.flash.subarray(0, FLASH));
  process.exit(0);
}

process.stdin.on("end", end).resume();
