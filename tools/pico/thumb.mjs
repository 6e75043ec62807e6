// A fast interpreter of Thumb instructions: those that touch only registers, flags and plain memory.
// It does what rp2040js's does with them, and takes as many cycles; see quick.mjs, which makes a
// function of this table.
//
// A row: the instruction's bits, its cycles, and what it does. A letter in the bits is a number of
// the instruction, here a constant of that name. What is not in the table is left to rp2040js, and
// so is an instruction whose text says `leave;`: nothing may be changed before that.
//
//     r            the registers                  w h b     the SRAM by 32, 16 and 8 bits
//     pc           this instruction's address     fw fh fb  the flash in the same way
//     n z c v      the flags: n and v are set where they are negative, z where it is 0, c by 1
//     sio          the block with the divider
//     go(pc)       the next instruction is there

const SRAM = 0x20000000;
const FLASH = 0x10000000;
const SRAM_BYTES = 0x42000;
const FLASH_BYTES = 0x1000000;
const DIVIDER = 0xd0000060;

const EXCEPTION_ENDS = "if (to >>> 28 === 15) leave;"; // an address that returns from an exception

// An index into a view; it is too large where the address is not aligned, or not in that memory.
function index(address, start, shift) {
  const from = `(${address} - ${start})`;
  return `(${from} >>> ${shift}${shift ? ` | ${from} << ${32 - shift}` : ""}) >>> 0`;
}

function load(view, shift, address, extend = "") {
  return `const a = ${address}, ram = ${index("a", SRAM, shift)};
    if (ram < ${SRAM_BYTES >> shift}) r[d] = ${view}[ram]${extend};
    else {
      const rom = ${index("a", FLASH, shift)};
      if (rom < ${FLASH_BYTES >> shift}) r[d] = f${view}[rom]${extend};
      else { ${shift === 2 ? divider(0x1c, "r[d] = sio.readUint32(a & 0xff);") : "leave;"} }
    }`;
}

function store(view, shift, address) {
  const outside = shift === 2 ? divider(0x18, "sio.writeUint32(a & 0xff, r[d] >>> 0);") : "leave;";
  return `const a = ${address}, ram = ${index("a", SRAM, shift)};
    if (ram < ${SRAM_BYTES >> shift}) ${view}[ram] = r[d];
    else { ${outside} }`;
}

// What is done where the address is one of the processor's divider, which a program asks as often
// as it looks into a dict. It takes a cycle less than memory. `bytes` are those of its registers.
function divider(bytes, text) {
  return `if (a & 3 || a - ${DIVIDER | 0} >>> 0 >= ${bytes}) leave; ${text} cycles--;`;
}

function add(a, b) {
  return `const a = ${a}, b = ${b}; n = z = a + b | 0;
    c = n >>> 0 < a >>> 0 ? 1 : 0; v = (a ^ n) & (b ^ n);`;
}

function subtract(a, b) {
  return `const a = ${a}, b = ${b}; n = z = a - b | 0;
    c = a >>> 0 >= b >>> 0 ? 1 : 0; v = (a ^ b) & (a ^ n);`;
}

const logic = (text) => `r[d] = n = z = ${text};`;

// The carry after a shift by no bits is rp2040js's, where that differs from the processor's.
const SHIFTS = {
  left: `const a = r[d], s = r[m] & 0xff;
    if (s) c = a & 1 << 32 - s ? 1 : 0;
    r[d] = n = z = s >= 32 ? 0 : a << s;`,
  right: `const a = r[d], s = r[m] & 0xff;
    c = s <= 32 ? a >>> s - 1 & 1 : 0;
    r[d] = n = z = s < 32 ? a >>> s | 0 : 0;`,
  signed: `const a = r[d], s = Math.min(r[m] & 0xff, 32);
    c = a & 1 << s - 1 ? 1 : 0;
    r[d] = n = z = a >> Math.min(s, 31);`,
  turn: `const a = r[d], s = r[m] & 31;
    r[d] = n = z = a >>> s | a << 32 - s;
    c = n >>> 31;`,
};

// The registers of the list l lie one after the other from an address on, in the SRAM. `more` is 1
// where another word follows them, and `then` what is done before they are loaded or stored.
function each(address, move, more = 0, then = "") {
  return `const count = ONES[l], a = ${address}, first = ${index("a", SRAM, 2)};
    if (first > ${(SRAM_BYTES >> 2) - more} - count) leave;
    ${then}
    for (let i = 0, at = first, rest = l; rest; i++, rest >>= 1) if (rest & 1) ${move}
    cycles += count;`;
}

const FILL = "r[i] = w[at++];";
const KEEP = "w[at++] = r[i];";
const PAST = "a + 4 * count"; // the address behind them
const TO_CALLER = `const to = w[first + count]; ${EXCEPTION_ENDS}`;

const CONDITIONS = [
  "z === 0",
  "z !== 0",
  "c !== 0",
  "c === 0",
  "n < 0",
  "n >= 0",
  "v < 0",
  "v >= 0",
  "c !== 0 && z !== 0",
  "c === 0 || z === 0",
  "(n ^ v) >= 0",
  "(n ^ v) < 0",
  "(n ^ v) >= 0 && z !== 0",
  "(n ^ v) < 0 || z === 0",
];

// Registers 13, 14 and 15: the stack pointer, the return address, the program counter.
export const ROWS = [
  ["00000 00000 mmm ddd", 1, "r[d] = n = z = r[m];"],
  ["00000 iiiii mmm ddd", 1, "const a = r[m]; c = a >>> 32 - i & 1; r[d] = n = z = a << i;"],
  ["00001 00000 mmm ddd", 1, "c = r[m] >>> 31; r[d] = n = z = 0;"],
  ["00001 iiiii mmm ddd", 1, "const a = r[m]; c = a >>> i - 1 & 1; r[d] = n = z = a >>> i | 0;"],
  ["00010 00000 mmm ddd", 1, "const a = r[m]; c = a >>> 31; r[d] = n = z = a >> 31;"],
  ["00010 iiiii mmm ddd", 1, "const a = r[m]; c = a >>> i - 1 & 1; r[d] = n = z = a >> i;"],
  ["0001100 mmm sss ddd", 1, add("r[s]", "r[m]") + "r[d] = n;"],
  ["0001101 mmm sss ddd", 1, subtract("r[s]", "r[m]") + "r[d] = n;"],
  ["0001110 iii sss ddd", 1, add("r[s]", "i") + "r[d] = n;"],
  ["0001111 iii sss ddd", 1, subtract("r[s]", "i") + "r[d] = n;"],
  ["00100 ddd iiiiiiii", 1, "r[d] = n = z = i;"],
  ["00101 ddd iiiiiiii", 1, subtract("r[d]", "i")],
  ["00110 ddd iiiiiiii", 1, add("r[d]", "i") + "r[d] = n;"],
  ["00111 ddd iiiiiiii", 1, subtract("r[d]", "i") + "r[d] = n;"],

  ["0100000000 mmm ddd", 1, logic("r[d] & r[m]")],
  ["0100000001 mmm ddd", 1, logic("r[d] ^ r[m]")],
  ["0100000010 mmm ddd", 1, SHIFTS.left],
  ["0100000011 mmm ddd", 1, SHIFTS.right],
  ["0100000100 mmm ddd", 1, SHIFTS.signed],
  [
    "0100000101 mmm ddd",
    1,
    `const a = r[m], b = r[d] + c | 0, sum = (a >>> 0) + (r[d] >>> 0) + c;
    r[d] = n = z = sum | 0;
    c = sum > 0xffffffff ? 1 : 0; v = (a ^ n) & (b ^ n);`,
  ],
  [
    "0100000110 mmm ddd",
    1,
    `const a = r[d], b = r[m] + 1 - c | 0, less = (r[m] >>> 0) + 1 - c;
    r[d] = n = z = a - b | 0;
    c = a >>> 0 >= less ? 1 : 0; v = (a ^ b) & (a ^ n);`,
  ],
  ["0100000111 mmm ddd", 1, SHIFTS.turn],
  ["0100001000 mmm ddd", 1, "n = z = r[d] & r[m];"],
  ["0100001001 mmm ddd", 1, subtract("0", "r[m]") + "r[d] = n;"],
  ["0100001010 mmm ddd", 1, subtract("r[d]", "r[m]")],
  ["0100001011 mmm ddd", 1, add("r[d]", "r[m]")],
  ["0100001100 mmm ddd", 1, logic("r[d] | r[m]")],
  ["0100001101 mmm ddd", 1, logic("Math.imul(r[d], r[m])")],
  ["0100001110 mmm ddd", 1, logic("r[d] & ~r[m]")],
  ["0100001111 mmm ddd", 1, logic("~r[m]")],

  // All sixteen registers; of the program counter and the stack's only what compilers write.
  ["01000100 1 mmmm 111", 2, "if (m === 15) leave; go(pc + 4 + r[m] & ~1);"],
  ["01000100 1 mmmm 101", 1, "if (m === 15) leave; r[13] = r[13] + r[m] & ~3;"],
  ["01000100 e mmmm ddd", 1, "if (m === 15) leave; r[d | e << 3] += r[m];"],
  ["01000101 e mmmm ddd", 1, "if (m === 15 || e && d === 7) leave;" + subtract("r[d | e << 3]", "r[m]")],
  ["01000110 1 mmmm 111", 2, "if (m === 15) leave; go(r[m] & ~1);"],
  ["01000110 1 mmmm 101", 1, "if (m === 15) leave; r[13] = r[m] & ~3;"],
  ["01000110 e mmmm ddd", 1, "if (m === 15) leave; r[d | e << 3] = r[m];"],
  ["010001110 mmmm 000", 2, `if (m === 15) leave; const to = r[m]; ${EXCEPTION_ENDS} go(to & ~1);`],
  ["010001111 mmmm 000", 2, "if (m >= 14) leave; const to = r[m]; r[14] = pc + 3; go(to & ~1);"],

  ["01001 ddd iiiiiiii", 2, load("w", 2, "(pc + 4 & ~3) + (i << 2)")],
  ["0101000 mmm sss ddd", 2, store("w", 2, "r[s] + r[m] | 0")],
  ["0101001 mmm sss ddd", 2, store("h", 1, "r[s] + r[m] | 0")],
  ["0101010 mmm sss ddd", 2, store("b", 0, "r[s] + r[m] | 0")],
  ["0101011 mmm sss ddd", 2, load("b", 0, "r[s] + r[m] | 0", " << 24 >> 24")],
  ["0101100 mmm sss ddd", 2, load("w", 2, "r[s] + r[m] | 0")],
  ["0101101 mmm sss ddd", 2, load("h", 1, "r[s] + r[m] | 0")],
  ["0101110 mmm sss ddd", 2, load("b", 0, "r[s] + r[m] | 0")],
  ["0101111 mmm sss ddd", 2, load("h", 1, "r[s] + r[m] | 0", " << 16 >> 16")],
  ["01100 iiiii sss ddd", 2, store("w", 2, "r[s] + (i << 2) | 0")],
  ["01101 iiiii sss ddd", 2, load("w", 2, "r[s] + (i << 2) | 0")],
  ["01110 iiiii sss ddd", 2, store("b", 0, "r[s] + i | 0")],
  ["01111 iiiii sss ddd", 2, load("b", 0, "r[s] + i | 0")],
  ["10000 iiiii sss ddd", 2, store("h", 1, "r[s] + (i << 1) | 0")],
  ["10001 iiiii sss ddd", 2, load("h", 1, "r[s] + (i << 1) | 0")],
  ["10010 ddd iiiiiiii", 2, store("w", 2, "r[13] + (i << 2) | 0")],
  ["10011 ddd iiiiiiii", 2, load("w", 2, "r[13] + (i << 2) | 0")],
  ["10100 ddd iiiiiiii", 1, "r[d] = (pc & ~3) + 4 + (i << 2);"],
  ["10101 ddd iiiiiiii", 1, "r[d] = r[13] + (i << 2);"],

  ["101100000 iiiiiii", 1, "r[13] += i << 2;"],
  ["101100001 iiiiiii", 1, "r[13] -= i << 2;"],
  ["1011001000 mmm ddd", 1, "r[d] = r[m] << 16 >> 16;"],
  ["1011001001 mmm ddd", 1, "r[d] = r[m] << 24 >> 24;"],
  ["1011001010 mmm ddd", 1, "r[d] = r[m] & 0xffff;"],
  ["1011001011 mmm ddd", 1, "r[d] = r[m] & 0xff;"],
  ["1011010 0 llllllll", 1, each("r[13] - 4 * ONES[l] | 0", KEEP) + "r[13] = a;"],
  [
    "1011010 1 llllllll",
    1,
    each("r[13] - 4 * ONES[l] - 4 | 0", KEEP, 1) + "w[first + count] = r[14]; r[13] = a;",
  ],
  ["1011101000 mmm ddd", 1, "const a = r[m]; r[d] = a << 24 | (a & 0xff00) << 8 | a >>> 8 & 0xff00 | a >>> 24;"],
  ["1011110 0 llllllll", 1, each("r[13]", FILL) + `r[13] = ${PAST};`],
  ["1011110 1 llllllll", 3, each("r[13]", FILL, 1, TO_CALLER) + `r[13] = ${PAST} + 4; go(to & ~1);`],
  ["1011111100000000", 1, ""],
  ["11000 ddd llllllll", 1, each("r[d]", KEEP) + `if (!(l >> d & 1)) r[d] = ${PAST};`],
  ["11001 ddd llllllll", 1, each("r[d]", FILL) + `if (!(l >> d & 1)) r[d] = ${PAST};`],

  ...CONDITIONS.map((condition, i) => [
    `1101 ${i.toString(2).padStart(4, "0")} oooooooo`,
    1,
    `if (${condition}) { cycles++; go(pc + 4 + (o << 24 >> 23)); }`,
  ]),
  ["11100 ooooooooooo", 2, "go(pc + 4 + (o << 21 >> 20));"],
  [
    "11110 s oooooooooo",
    3,
    `const low = read(pc + 2);
    if ((low & 0xd000) !== 0xd000) leave;
    const x = 1 ^ s ^ low >> 13 & 1, y = 1 ^ s ^ low >> 11 & 1;
    r[14] = pc + 5;
    go(pc + 4 + (-s << 24 | x << 23 | y << 22 | o << 12 | (low & 0x7ff) << 1));`,
  ],
];
