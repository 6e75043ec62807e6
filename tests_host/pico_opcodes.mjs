// Each of the 65,536 opcodes, with several contents of the registers: done by rp2040js on one chip
// and by tools/pico/quick.mjs on another, where that does it at all. Ends with an error where they
// differ; prints how many were compared.
//
//     node pico_opcodes.mjs '{"emulator": …, "quick": …}'

import assert from "node:assert";
import { pathToFileURL } from "node:url";

const config = JSON.parse(process.argv[2]);
const { RP2040 } = await import(pathToFileURL(config.emulator).href);
const { quick } = await import(pathToFileURL(config.quick).href);
const START = 0x20000000;
const TIMES = 4;
const WORDS = [0, 1, 2, 31, 32, 33, 0x7fffffff, 0x80000000, 0xffffffff];
const ADDRESSES = [0x20001000, 0x20001f04, 0x20041ffc, 0x10000000, 0x10000102, 0xd0000060, 0xd0000074];

let seed = 1;
function random(below) {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
}

const pick = (list) => list[random(list.length)];
const one = () => pick([() => pick(WORDS), () => pick(ADDRESSES), () => random(2 ** 32), () => random(64)])();

function made() {
  const chip = new RP2040();
  const quiet = () => {};
  chip.logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  return chip;
}

function state({ core }) {
  const { N, Z, C, V } = core;
  return [...core.registers, N, Z, C, V];
}

const [chip, other] = [made(), made()];
const step = quick(other);
let compared = 0;

function compare(opcode) {
  const registers = Uint32Array.from({ length: 16 }, one);
  registers[13] = pick([0x20002000, 0x20041f00]);
  registers[15] = START;
  const flags = { N: !random(2), Z: !random(2), C: !random(2), V: !random(2) };
  const second = pick([0xf800, 0xd123, 0xffff, random(65536)]);
  for (const { core } of [chip, other]) {
    core.registers.set(registers);
    Object.assign(core, flags);
    core.rp2040.writeUint32(START, opcode | (second << 16));
  }
  const done = step(1);
  if (!done) return;
  const cycles = chip.core.executeInstruction();
  const what = `opcode ${opcode.toString(16)} ${second.toString(16)} with ${[...registers].map((word) => word.toString(16))}`;
  assert.strictEqual(done, (1 << 16) | cycles, what);
  assert.deepStrictEqual(state(other), state(chip), what);
  compared++;
}

for (let opcode = 0; opcode < 65536; opcode++) for (let i = 0; i < TIMES; i++) compare(opcode);
assert.ok(chip.sram.every((byte, i) => byte === other.sram[i]));
console.log(compared);
