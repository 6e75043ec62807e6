// A Raspberry Pi Pico: rp2040js's chip with the boot ROM of rom.mjs and the UARTs of uart.mjs.

import { quick } from "./quick.mjs";
import { PowerLoss, Rom } from "./rom.mjs";
import { uartClass } from "./uart.mjs";

const HERTZ = 125e6;
const NANOS = 1e9 / HERTZ; // of a cycle
const STEPS = 64; // instructions between two looks at the clock
const VECTORS = 0x10000100; // of the firmware, behind the second stage of the boot loader
const UARTS = [0x40034, 0x40038]; // where rp2040js keeps them
const RESETS = 0x4000c;
const RESET_OF_UART = [1 << 22, 1 << 23];
const WATCHDOG = 0x40058;
const ROSC = 0x40060;
const RANDOM_BIT = 0x1c;
const HIGH = 1; // of rp2040js's GPIOPinState
const MARK = 0x0c; // the watchdog's SCRATCH0: a program writes a number there, see `marked`

export class Board {
  // RP2040    rp2040js's class
  // flash     what the flash memory holds
  // uarts     two of uart.mjs's options
  // marked    called with the number, when the program writes one to the watchdog's SCRATCH0
  // restarted called after a reset by the watchdog, which machine.reset() is
  // pins      numbers of pins whose levels somebody wants to know
  // pinned    called with the number of one of them and whether the program drives it high
  // cuts      after how many bytes written to the flash, or erased, the power goes, each counted
  //           from the one before; lost is called then, and the power is back
  // slow      true: rp2040js does each instruction, none is done by quick.mjs
  constructor(options) {
    const { RP2040, flash, uarts, pins = [], cuts = [], slow = false } = options;
    const { marked = () => {}, restarted = () => {}, pinned = () => {}, lost = () => {} } = options;
    Object.assign(this, { RP2040, uarts, marked, restarted, pins, pinned, lost, cuts, slow });
    this.lasts = cuts.shift() ?? Infinity;
    this.instructions = 0;
    this.cycles = 0; // in which the processor did not sleep
    this.past = 0; // ns before the last reset
    this.changed = false; // whether the flash was written to
    this.paused = false;
    this.random = 1;
    this.start(flash);
  }

  start(flash, reason = 0) {
    const chip = new this.RP2040();
    this.chip = chip;
    this.core = chip.core;
    this.clock = chip.clock;
    const quiet = () => {};
    chip.logger = { debug: quiet, info: quiet, warn: quiet, error: (who, what) => console.error(who, what) };
    this.rom = new Rom(chip, (count) => {
      this.changed = true;
      const written = Math.min(count, this.lasts);
      this.lasts -= written;
      return written;
    });
    const Uart = uartClass(chip.uart[0].constructor);
    this.uart = UARTS.map((at, i) => {
      const uart = new Uart(chip, chip.uart[i], this.uarts[i]);
      chip.uart[i] = chip.peripherals[at] = uart;
      return uart;
    });
    for (const pin of this.pins) {
      chip.gpio[pin].addListener((state) => this.pinned(pin, state === HIGH));
    }
    this.complete(reason);
    chip.loadBootrom(this.rom.image);
    chip.flash.set(flash);
    this.core.VTOR = VECTORS;
    this.core.reset();
    this.quick = this.slow ? () => 0 : quick(chip);
  }

  // What rp2040js leaves out, or leaves to its user.
  complete(reason) {
    const { peripherals } = this.chip;
    replace(peripherals[RESETS], "writeUint32", (offset, value) => {
      if (offset === 0) {
        this.uart.forEach((uart, i) => {
          if (!(value & RESET_OF_UART[i])) return;
          uart.clear();
          uart.expect();
        });
      }
    });
    const watchdog = peripherals[WATCHDOG];
    watchdog.reason = reason;
    watchdog.onWatchdogTrigger = () => {
      watchdog.alarm.enable = false; // else its alarm comes again at once, for ever
      this.resetReason = watchdog.reason;
      this.paused = true;
    };
    replace(watchdog, "writeUint32", (offset, value) => {
      if (offset === MARK) this.marked(value >>> 0);
    });
    const rosc = peripherals[ROSC];
    const read = rosc.readUint32.bind(rosc);
    rosc.readUint32 = (offset) => (offset === RANDOM_BIT ? this.randomBit() : read(offset));
  }

  // The same bits in each run: whoever runs a program twice gets the same twice.
  randomBit() {
    this.random = (Math.imul(this.random, 1103515245) + 12345) >>> 0;
    return (this.random >>> 16) & 1;
  }

  // Nanoseconds since power on.
  get now() {
    return this.past + this.clock.nanos;
  }

  get asleep() {
    return this.core.waiting;
  }

  // Whether nothing of its own will wake it.
  get sleepsForEver() {
    return this.core.waiting && !this.clock.nextAlarm;
  }

  // Runs until its time is `until`, or until somebody sets `paused`. A sleep is skipped, or with
  // `skips` false the end.
  run(until, skips = true) {
    this.paused = false;
    while (!this.paused && this.now < until) {
      if (this.core.waiting) {
        if (!skips) return;
        const { clock } = this;
        const alarm = clock.nextAlarm ? clock.nextAlarm.nanos : Infinity;
        const end = Math.min(alarm, until - this.past);
        if (end === Infinity) return;
        clock.tick(Math.max(0, end - clock.nanos));
      } else {
        try {
          this.execute();
        } catch (loss) {
          if (!(loss instanceof PowerLoss)) throw loss;
          this.powerCycle();
        }
      }
      if (this.resetReason) this.restart();
    }
  }

  execute() {
    const { core, rom, quick } = this;
    let cycles = 0;
    let count = 0;
    while (count < STEPS && !core.waiting) {
      if (!core.interruptsUpdated) {
        const done = quick(STEPS - count);
        count += done >> 16;
        cycles += done & 0xffff;
        if (count === STEPS) break;
      }
      cycles += core.executeInstruction();
      count++;
    }
    cycles += rom.cycles;
    rom.cycles = 0;
    this.instructions += count;
    this.cycles += cycles;
    this.clock.tick(cycles * NANOS);
  }

  powerCycle() {
    this.lasts = this.cuts.shift() ?? Infinity;
    this.past = this.now;
    this.start(this.chip.flash);
    this.lost();
  }

  restart() {
    const reason = this.resetReason;
    this.resetReason = 0;
    this.past = this.now;
    const lines = this.uart.map((uart) => [uart.line, uart.at]);
    this.start(this.chip.flash, reason);
    // What was on its way goes on to come.
    this.uart.forEach((uart, i) => {
      [uart.line, uart.at] = lines[i];
      uart.expect();
    });
    this.pins.forEach((pin) => this.pinned(pin, false)); // an input again
    this.restarted();
  }
}

function replace(object, name, before) {
  const old = object[name].bind(object);
  object[name] = (...values) => {
    before(...values);
    return old(...values);
  };
}
