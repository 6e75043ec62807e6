// Runs a flash image on two emulated boards, one without tools/pico/quick.mjs, and compares them
// after each slice of their time: registers, flags, memory, instructions, cycles. Ends where the
// program prints `done`, or sleeps for ever; prints what it printed.
//
//     node pico_twice.mjs '{"emulator": …, "board": …, "image": …}'

import assert from "node:assert";
import { createHash } from "node:crypto";
import fs from "node:fs";
import { pathToFileURL } from "node:url";

const config = JSON.parse(process.argv[2]);
const { RP2040 } = await import(pathToFileURL(config.emulator).href);
const { Board } = await import(pathToFileURL(config.board).href);
const SLICE = 2e6; // ns
const NEWLINE = 10;

function started(slow) {
  const printed = [];
  const line = [];
  const sent = (byte) => {
    if (byte !== NEWLINE) line.push(byte);
    else printed.push(Buffer.from(line.splice(0)).toString().trimEnd());
  };
  const options = { paced: false, sent };
  const board = new Board({ RP2040, flash: fs.readFileSync(config.image), uarts: [options, options], slow });
  return { board, printed };
}

function state({ board, printed }) {
  const { core, chip, instructions, cycles, now } = board;
  const { N, Z, C, V, PM, IPSR, waiting, pendingInterrupts } = core;
  const [...registers] = core.registers;
  registers[15] &= ~1; // rp2040js begins a handler with its lowest bit set, which says nothing
  const memory = createHash("sha256").update(chip.sram).update(chip.flash.subarray(0, 2 << 20)).digest("hex");
  const flags = { N, Z, C, V, PM, IPSR, waiting, pendingInterrupts };
  return { instructions, cycles, now, registers, flags, memory, printed };
}

const boards = [started(true), started(false)];
let states;
do {
  for (const { board } of boards) board.run(board.now + SLICE);
  states = boards.map(state);
  assert.deepStrictEqual(states[1], states[0]);
} while (!states[0].printed.includes("done") && !boards[0].board.sleepsForEver);
console.log(JSON.stringify(states[0].printed));
