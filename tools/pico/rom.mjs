// The functions of the RP2040's boot ROM, answered here: no image of the ROM is needed.
//
// Names and meanings: RP2040 Datasheet, 2.8.3 "Bootrom Contents"; the order of the tables of
// floating point functions: the SDK's pico/bootrom/sf_table.h. Each function is a BKPT in the
// ROM, at which the emulator does the function's work and returns to the caller.

const BKPT = 0xbe00;
const FIRST_STUB = 0x200;
const TABLES = { SF: 0x80, SD: 0x140 }; // where the tables of floats and of doubles lie
const CALL_CYCLES = 20;
const FLOAT_CYCLES = 70; // 2.8.3.2 gives 60 to 70 for most of them
const SRAM = 0x20000000;
const XIP = 0x10000000;

// How arguments and results lie in registers: one letter each, f float, d double, i and u whole
// numbers of 32 bits, l and m of 64, signed and unsigned.
class Registers {
  constructor(core) {
    this.words = core.registers;
    this.view = new DataView(new ArrayBuffer(8));
  }

  get(kind, at) {
    const { view, words } = this;
    view.setUint32(0, words[at], true);
    if ("dlm".includes(kind)) view.setUint32(4, words[at + 1], true);
    if (kind === "f") return view.getFloat32(0, true);
    if (kind === "d") return view.getFloat64(0, true);
    if (kind === "l") return Number(view.getBigInt64(0, true));
    if (kind === "m") return Number(view.getBigUint64(0, true));
    return kind === "i" ? words[at] | 0 : words[at];
  }

  set(kind, value) {
    const { view, words } = this;
    if (kind === "f") view.setFloat32(0, value, true);
    else if (kind === "d") view.setFloat64(0, value, true);
    else if (kind === "l") view.setBigInt64(0, BigInt(within(value, -(2 ** 63), 2 ** 63 - 1024)), true);
    else if (kind === "m") view.setBigUint64(0, BigInt(within(value, 0, 2 ** 64 - 2048)), true);
    else if (kind === "i") view.setInt32(0, within(value, -(2 ** 31), 2 ** 31 - 1), true);
    else view.setUint32(0, within(value, 0, 2 ** 32 - 1), true);
    words[0] = view.getUint32(0, true);
    if ("dlm".includes(kind)) words[1] = view.getUint32(4, true);
  }
}

const width = (kind) => ("dlm".includes(kind) ? 2 : 1);

function within(value, low, high) {
  if (Number.isNaN(value)) return 0;
  return Math.min(high, Math.max(low, Math.floor(value)));
}

const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

// In the order of the table; F is the letter of the table's own type, O that of the other.
// A comparison for the flags, sine with cosine, and what version 3 of the ROM has have no
// signature: they are done by hand.
const FLOATS = [
  ["FF:F", (a, b) => a + b],
  ["FF:F", (a, b) => a - b],
  ["FF:F", (a, b) => a * b],
  ["FF:F", (a, b) => a / b],
  ["FF:i", order],
  "flags",
  ["F:F", Math.sqrt],
  ["F:i", (a) => a],
  ["Fi:i", (a, bits) => a * 2 ** bits],
  ["F:u", (a) => a],
  ["Fi:u", (a, bits) => a * 2 ** bits],
  ["i:F", (a) => a],
  ["ii:F", (a, bits) => a / 2 ** bits],
  ["u:F", (a) => a],
  ["ui:F", (a, bits) => a / 2 ** bits],
  ["F:F", Math.cos],
  ["F:F", Math.sin],
  ["F:F", Math.tan],
  "sincos",
  ["F:F", Math.exp],
  ["F:F", Math.log],
  ["FF:i", order],
  ["FF:F", Math.atan2],
  ["l:F", (a) => a],
  ["li:F", (a, bits) => a / 2 ** bits],
  ["m:F", (a) => a],
  ["mi:F", (a, bits) => a / 2 ** bits],
  ["F:l", (a) => a],
  ["Fi:l", (a, bits) => a * 2 ** bits],
  ["F:m", (a) => a],
  ["Fi:m", (a, bits) => a * 2 ** bits],
  ["F:O", (a) => a],
];

// The power went while the flash was written.
export class PowerLoss extends Error {}

export class Rom {
  // `chip` is rp2040js's; `flashes` is called with how many bytes of the flash are to be written or
  // erased, and returns for how many of them the power lasts.
  constructor(chip, flashes) {
    this.chip = chip;
    this.core = chip.core;
    this.flashes = flashes;
    this.cycles = 0; // that functions took since somebody set this to 0
    this.registers = new Registers(chip.core);
    this.image = new Uint32Array(4096);
    this.bytes = new DataView(this.image.buffer);
    this.stubs = [];
    this.found = new Map(); // code of a name: address
    for (const [name, work] of Object.entries(this.functions())) {
      this.found.set(code(name), this.stub(work));
    }
    this.table("SF", "f", "d");
    this.table("SD", "d", "f");
    this.header();
    chip.onBreak = () => this.called();
  }

  stub(work) {
    const address = FIRST_STUB + 2 * this.stubs.length;
    this.stubs.push(work);
    this.bytes.setUint16(address, BKPT, true);
    return address | 1;
  }

  table(name, own, other) {
    const at = TABLES[name];
    this.found.set(code(name), at);
    // A byte before the table says how many words it has.
    this.bytes.setUint8(at - 2, FLOATS.length);
    FLOATS.forEach((entry, i) => {
      const work = typeof entry === "string" ? this[entry](own) : this.typed(entry, own, other);
      this.bytes.setUint32(at + 4 * i, this.stub(work), true);
    });
  }

  header() {
    const { bytes, core } = this;
    const lookup = this.stub(() => {
      core.registers[0] = this.found.get(core.registers[1] & 0xffff) ?? 0;
    });
    bytes.setUint32(0, 0x20041f00, true); // the stack
    bytes.setUint32(4, this.stub(() => {}), true); // the reset vector, which nobody calls
    bytes.setUint32(0x10, 0x02_01_75_4d, true); // "Mu", 1, and the ROM's version: 2 is B1
    bytes.setUint16(0x14, 0x20, true); // the tables of functions and of data: lookup has its own
    bytes.setUint16(0x16, 0x24, true);
    bytes.setUint16(0x18, lookup, true);
  }

  typed([signature, work], own, other) {
    const [takes, gives] = signature.replaceAll("F", own).replaceAll("O", other).split(":");
    const { registers } = this;
    return () => {
      let at = 0;
      const values = [];
      for (const kind of takes) {
        values.push(registers.get(kind, at));
        at += width(kind);
      }
      registers.set(gives, work(...values));
      this.cycles += FLOAT_CYCLES;
    };
  }

  flags(own) {
    const { core, registers } = this;
    return () => {
      const a = registers.get(own, 0);
      const b = registers.get(own, width(own));
      core.N = a < b;
      core.Z = a === b;
      core.C = !(a < b);
      core.V = false;
      this.cycles += FLOAT_CYCLES;
    };
  }

  sincos(own) {
    const { core, registers } = this;
    return () => {
      const angle = registers.get(own, 0);
      registers.set(own, Math.cos(angle));
      const cosine = core.registers.slice(0, width(own));
      registers.set(own, Math.sin(angle));
      core.registers.set(cosine, width(own));
      this.cycles += 2 * FLOAT_CYCLES;
    };
  }

  functions() {
    const r = this.core.registers;
    const answer = (work) => () => {
      r[0] = work(r[0]);
    };
    const fill = () => this.fill(r[0], r[1], r[2]);
    const copy = () => this.copy(r[0], r[1], r[2]);
    const nothing = () => {};
    return {
      P3: answer(ones),
      R3: answer(reversed),
      L3: answer(Math.clz32),
      T3: answer((x) => (x ? 31 - Math.clz32(x & -x) : 32)),
      MS: fill,
      S4: fill,
      MC: copy,
      C4: copy,
      // The flash is plain memory here: these only leave and enter its execute-in-place mode.
      IF: nothing,
      EX: nothing,
      FC: nothing,
      CX: nothing,
      RE: () => this.erase(r[0], r[1]),
      RP: () => this.program(r[0], r[1], r[2]),
      UB: () => {
        throw new Error("the program wants to be loaded by USB");
      },
    };
  }

  // So many bytes from an address on, where they lie in one piece in memory; else null.
  span(address, count) {
    const { sram, flash } = this.chip;
    const at = address - (address < SRAM ? XIP : SRAM);
    const memory = address < SRAM ? flash : sram;
    return at >= 0 && at + count <= memory.length ? memory.subarray(at, at + count) : null;
  }

  fill(address, value, count) {
    const to = address >= SRAM && this.span(address, count);
    if (to) to.fill(value & 0xff);
    else for (let i = 0; i < count; i++) this.chip.writeUint8(address + i, value & 0xff);
    this.cycles += count >> 2;
  }

  copy(address, source, count) {
    const to = address >= SRAM && this.span(address, count);
    const from = this.span(source, count);
    if (to && from) to.set(from);
    else {
      for (let i = 0; i < count; i++) {
        this.chip.writeUint8(address + i, this.chip.readUint8(source + i));
      }
    }
    // Words when both are aligned alike, bytes when not.
    this.cycles += (address ^ source) & 3 ? 5 * count : count;
  }

  erase(offset, count) {
    const lasts = this.flashes(count);
    this.chip.flash.fill(0xff, offset, offset + lasts);
    if (lasts < count) throw new PowerLoss();
  }

  program(offset, source, count) {
    const { chip } = this;
    const lasts = this.flashes(count);
    for (let i = 0; i < lasts; i++) chip.flash[offset + i] &= chip.readUint8(source + i);
    if (lasts < count) throw new PowerLoss();
  }

  called() {
    const { core } = this;
    const work = this.stubs[(core.PC - 2 - FIRST_STUB) >> 1];
    if (!work) {
      const where = (core.PC - 2).toString(16);
      throw new Error(`the program stopped itself at ${where}, called from ${core.LR.toString(16)}`);
    }
    this.cycles += CALL_CYCLES;
    work();
    core.PC = core.LR & ~1;
  }
}

function code(name) {
  return name.charCodeAt(0) | (name.charCodeAt(1) << 8);
}

function ones(word) {
  let count = 0;
  for (; word; word &= word - 1) count++;
  return count;
}

function reversed(word) {
  let back = 0;
  for (let i = 0; i < 32; i++) back = (back << 1) | ((word >>> i) & 1);
  return back;
}
