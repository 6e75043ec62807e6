"""What the examples use of MicroPython's requests."""

class Response:
    status_code: int
    reason: bytes
    text: str
    def close(self) -> None: ...

def get(url: str, *, headers: dict[str, str] = ..., timeout: float = ...) -> Response: ...
