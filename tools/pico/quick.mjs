// Runs a board's instructions, as far as they are those of thumb.mjs, in one function.
//
// rp2040js's interpreter asks at each instruction which of some eighty kinds it is. Here a table
// says it. Peripherals but for the divider, interrupts, the boot ROM and sleep are left to rp2040js,
// one instruction at a time.

import { ROWS } from "./thumb.mjs";

const LEFT_OUT = 0; // the kind of what is not in the table
const NO_CODE = 0xffff; // is not in the table

// 16 bits of the program.
const READ = `(at >>> 24 === 0x10 ? fh[(at & 0xffffff) >> 1]
  : at >= 0x20000000 && at < 0x20042000 ? h[at - 0x20000000 >> 1] : ${NO_CODE})`;

const read = (at) => READ.replaceAll("at", at);

// The letters of a row's bits, as constants.
function constants(bits) {
  const found = {};
  [...bits].forEach((letter, i) => {
    if ("01".includes(letter)) return;
    found[letter] = { shift: 15 - i, mask: ((found[letter]?.mask ?? 0) << 1) | 1 };
  });
  const texts = Object.entries(found).map(([name, { shift, mask }]) => `${name} = opcode >> ${shift} & ${mask}`);
  return texts.length ? `const ${texts.join(", ")};` : "";
}

// Which bits of a row are fixed, and what they are.
function pattern({ bits }) {
  const fixed = parseInt(bits.replace(/[01]/g, "1").replace(/[^01]/g, "0"), 2);
  return { fixed, value: parseInt(bits.replace(/[^01]/g, "0"), 2) };
}

// The kind of each of the 65,536 opcodes: the row's place, from 1 on.
function kinds(rows) {
  const table = new Uint8Array(1 << 16).fill(LEFT_OUT);
  // Backwards: of two rows for the same opcode the first is the one.
  for (let place = rows.length - 1; place >= 0; place--) {
    const { fixed, value } = pattern(rows[place]);
    const free = ~fixed & 0xffff;
    for (let rest = free; rest >= 0; rest = rest ? (rest - 1) & free : -1) table[value | rest] = place + 1;
  }
  return table;
}

function written({ bits, cycles, text }, place) {
  const body = text
    .replaceAll("leave;", "break all;")
    .replace(/go\((.*)\);/, "next = $1;")
    .replace(/read\((.*?)\)/, (_, at) => read(`(${at})`));
  return `case ${place + 1}: { ${constants(bits)} ${body} cycles += ${cycles}; break; }`;
}

function source(rows) {
  return `"use strict";
return (flags, sio, r, w, h, b, fw, fh, fb, most) => {
  let n = flags[0], z = flags[1], c = flags[2], v = flags[3];
  let cycles = 0, left = most, pc = r[15] & ~1;
  all: while (left > 0) {
    const opcode = ${read("pc")};
    let next = pc + 2;
    switch (KINDS[opcode]) {
      ${rows.map(written).join("\n")}
      default: break all;
    }
    pc = next;
    left--;
  }
  r[15] = pc;
  flags[0] = n; flags[1] = z; flags[2] = c; flags[3] = v;
  return most - left << 16 | cycles;
};`;
}

// Each instruction is done with several values before it is needed: V8 compiles what it has seen,
// and does it all again, for a tenth of a second, whenever it sees something new.
function rehearse(sio) {
  const ram = new ArrayBuffer(0x42000);
  const rom = new ArrayBuffer(4096);
  const views = [Int32Array, Uint16Array, Uint8Array].map((View) => new View(ram));
  views.push(...[Int32Array, Uint16Array, Uint8Array].map((View) => new View(rom)));
  const registers = new Int32Array(16);
  const flags = new Int32Array(4);
  for (const row of rows) {
    const { fixed, value } = pattern(row);
    REHEARSED.forEach((word, i) => {
      for (const numbers of [0, 0x0488, 0xffff]) {
        const [start, program] = i & 4 ? [0x20000000, views[1]] : [0x10000000, views[4]];
        registers.fill(word);
        registers[2] = 4;
        registers[15] = start;
        program[0] = value | (~fixed & numbers);
        program[1] = 0xf800;
        flags.set([word, word, i & 1, -word]);
        work(flags, sio, registers, ...views, 1);
      }
    });
  }
}

// Addresses in the SRAM, in the flash, of peripherals and of the divider; numbers small, large and negative.
const REHEARSED = [0x20000100, 0x10000000, 0x40000000, 1, 0, -1, 0x7fffffff, -0x80000000, 0x20000200, 33, 0x10000010, -0x2fffff9c];

const rows = ROWS.map(([bits, cycles, text]) => ({ bits: bits.replaceAll(" ", ""), cycles, text }));
const ONES = Uint8Array.from({ length: 256 }, (_, bits) => bits.toString(2).replaceAll("0", "").length);
const work = new Function("KINDS", "ONES", source(rows))(kinds(rows), ONES);
let rehearsed = false;

// A function that runs at most so many instructions of the chip, fewer where the next one is left
// to rp2040js: returns how many, in the upper 16 bits, and in the lower their cycles.
export function quick(chip) {
  const { core, sram, flash, sio } = chip;
  // Twice, as V8 takes no notice of the first calls.
  for (let i = rehearsed ? 2 : 0; i < 2; i++) rehearse(new sio.constructor(chip));
  rehearsed = true;
  const registers = new Int32Array(core.registers.buffer);
  const flags = new Int32Array(4); // n, z, c and v of thumb.mjs
  const [ram, rom] = [sram.buffer, flash.buffer];
  const views = [new Int32Array(ram), new Uint16Array(ram), sram, new Int32Array(rom), new Uint16Array(rom), flash];
  const [w, h, b, fw, fh, fb] = views;
  return (most) => {
    flags[0] = core.N ? -1 : 0;
    flags[1] = core.Z ? 0 : 1;
    flags[2] = core.C ? 1 : 0;
    flags[3] = core.V ? -1 : 0;
    const done = work(flags, sio, registers, w, h, b, fw, fh, fb, most);
    if (!done) return 0;
    core.N = flags[0] < 0;
    core.Z = flags[1] === 0;
    core.C = flags[2] !== 0;
    core.V = flags[3] < 0;
    return done;
  };
}
