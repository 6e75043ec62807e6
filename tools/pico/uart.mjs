// A UART of the RP2040: ARM's PL011 with its FIFOs, trigger levels, receive time-out and pace.
//
// RP2040 Datasheet, 4.2 "UART". rp2040js's own has no FIFO to send from, no levels and no pace.

const DR = 0x00;
const RSR = 0x04;
const FR = 0x18;
const IFLS = 0x34;
const IMSC = 0x38;
const RIS = 0x3c;
const MIS = 0x40;
const ICR = 0x44;
const DMACR = 0x48;

const RX = 1 << 4; // in the registers of the interrupts
const TX = 1 << 5;
const RECEIVE_TIMEOUT = 1 << 6;
const OVERRUN = 1 << 10;
const OVERRUN_OF_BYTE = 1 << 11; // in DR, at the byte that came next
const RTS_ENABLED = 1 << 14; // in CR

const DEPTH = 32;
const RX_LEVELS = [4, 8, 16, 24, 28]; // bytes, by IFLS
const TX_LEVELS = [4, 8, 16, 24, 28];
const BITS = 10; // of a byte: start, eight of data, stop
const TIMEOUT_BITS = 32;
const AT_ONCE = 500; // ns for a byte where there is no pace

// The class, made from rp2040js's own, which keeps the registers of the baud rate and the line.
export function uartClass(Base) {
  return class Uart extends Base {
    // paced     false: bytes come and go at once, and wait for room instead of being lost
    // sent      called with each byte that has left
    // finished  called when the last byte of what was to be sent has left
    constructor(chip, old, { paced, sent, finished = () => {} }) {
      super(chip, old.name, old.irq, old.dreq);
      this.paced = paced;
      this.sent = sent;
      this.finished = finished;
      this.lost = 0; // bytes that found no room
      this.received = 0;
      this.line = []; // pieces that are still to come
      this.at = 0; // in the first of them
      this.interruptLevels = 0b010010;
      this.clear();
      const { clock } = chip;
      this.nextIn = clock.createAlarm(() => this.arrive());
      this.nextOut = clock.createAlarm(() => this.leave());
      this.silence = clock.createAlarm(() => {
        if (this.incoming.length) this.raise(RECEIVE_TIMEOUT);
      });
      this.coming = this.leaving = false;
    }

    // What a reset of the block forgets.
    clear() {
      this.incoming = [];
      this.outgoing = [];
      this.raised = 0;
      this.overrun = 0;
    }

    get bit() {
      return 1e9 / (this.baudRate || 115200);
    }

    get byteTime() {
      return this.paced ? BITS * this.bit : AT_ONCE;
    }

    get depth() {
      return this.fifosEnabled ? DEPTH : 1;
    }

    get rxLevel() {
      return this.fifosEnabled ? (RX_LEVELS[(this.interruptLevels >> 3) & 7] ?? DEPTH) : 1;
    }

    get txLevel() {
      return this.fifosEnabled ? (TX_LEVELS[this.interruptLevels & 7] ?? DEPTH) : 0;
    }

    raise(bits) {
      this.raised |= bits;
      this.checkInterrupts();
    }

    lower(bits) {
      this.raised &= ~bits;
      this.checkInterrupts();
    }

    checkInterrupts() {
      this.rp2040.setInterrupt(this.irq, !!(this.raised & this.interruptMask));
    }

    // ---- from the other end ----

    feed(bytes) {
      if (bytes.length) this.line.push(bytes);
      this.expect();
    }

    expect() {
      if (this.coming || !this.line.length || this.held) return;
      this.coming = true;
      this.nextIn.schedule(this.byteTime);
    }

    // Whether the other end is held: by RTS, or because nothing is to be lost.
    get held() {
      if (!this.paced) return this.incoming.length > 0;
      return !!(this.ctrlRegister & RTS_ENABLED) && this.incoming.length >= this.rxLevel;
    }

    arrive() {
      this.coming = false;
      const byte = this.line[0][this.at++];
      if (this.at === this.line[0].length) {
        this.line.shift();
        this.at = 0;
      }
      if (this.enabled && this.rxEnabled) this.take(byte);
      this.expect();
    }

    take(byte) {
      if (this.incoming.length >= this.depth) {
        this.lost++;
        this.overrun = OVERRUN_OF_BYTE;
        this.raise(OVERRUN);
        return;
      }
      this.received++;
      this.incoming.push(byte | this.overrun);
      this.overrun = 0;
      this.silence.schedule(TIMEOUT_BITS * this.bit);
      if (this.incoming.length >= this.rxLevel || !this.paced) this.raise(RX);
    }

    leave() {
      this.leaving = false;
      if (this.outgoing.length) {
        this.sent(this.outgoing.shift());
        if (this.outgoing.length === this.txLevel) this.raise(TX);
      }
      if (this.outgoing.length) this.depart();
      else {
        this.raise(TX);
        this.finished();
      }
    }

    depart() {
      if (this.leaving) return;
      this.leaving = true;
      this.nextOut.schedule(this.byteTime);
    }

    // ---- from the processor ----

    readUint32(offset) {
      if (offset === DR) return this.readByte();
      if (offset === RSR) return this.overrun ? 8 : 0;
      if (offset === FR) return this.flagRegister();
      if (offset === IFLS) return this.interruptLevels;
      if (offset === RIS) return this.raised;
      if (offset === MIS) return this.raised & this.interruptMask;
      return offset === DMACR ? 0 : super.readUint32(offset);
    }

    flagRegister() {
      const { incoming, outgoing, depth } = this;
      return (
        (incoming.length ? 0 : 1 << 4) |
        (outgoing.length >= depth ? 1 << 5 : 0) |
        (incoming.length >= depth ? 1 << 6 : 0) |
        (outgoing.length ? 1 << 3 : 1 << 7)
      );
    }

    readByte() {
      const { incoming } = this;
      if (!incoming.length) return 0;
      const byte = incoming.shift();
      let over = incoming.length < this.rxLevel ? RX : 0;
      if (incoming.length) this.silence.schedule(TIMEOUT_BITS * this.bit);
      else over |= RECEIVE_TIMEOUT;
      this.lower(over);
      this.expect();
      return byte;
    }

    writeUint32(offset, value) {
      if (offset === DR) this.writeByte(value & 0xff);
      else if (offset === RSR) this.overrun = 0;
      else if (offset === IFLS) this.interruptLevels = value & 0x3f;
      else if (offset === IMSC) {
        this.interruptMask = value & 0x7ff;
        this.checkInterrupts();
      } else if (offset === ICR) this.lower(this.rawWriteValue);
      else if (offset !== DMACR) super.writeUint32(offset, value);
    }

    writeByte(byte) {
      if (this.outgoing.length < this.depth) this.outgoing.push(byte);
      if (this.outgoing.length > this.txLevel) this.lower(TX);
      this.depart();
    }
  };
}
