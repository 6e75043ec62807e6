"""What MicroPython's stubs of io and open take from _io, and do not have."""

from typing import Any

from typing_extensions import Self

DEFAULT_BUFFER_SIZE: int
BlockingIOError = OSError

class BufferedReader:
    def __enter__(self) -> Self: ...
    def __exit__(self, *args: object) -> None: ...
    def read(self, size: int = ...) -> bytes: ...

def __getattr__(name: str) -> Any: ...
