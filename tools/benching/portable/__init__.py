"""What runs on CPython and on MicroPython alike, or on MicroPython alone."""
