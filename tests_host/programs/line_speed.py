"""Changes the speed of the modem's line: see test_board.py."""

import board

line = board.uart()
print("before:", "baudrate=115200" in repr(line))
line.init(baudrate=57600, rxbuf=4096)
print("after:", "baudrate=57600" in repr(line))
try:
    line.init(baudrate=12345)
except ValueError:
    print("unknown:", "baudrate=57600" in repr(line))
