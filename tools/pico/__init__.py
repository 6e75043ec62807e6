"""An emulated Raspberry Pi Pico with MicroPython: tools/README.md tells what it is for."""
