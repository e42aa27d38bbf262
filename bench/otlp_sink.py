"""Takes whatever OTLP sends over HTTP, and keeps nothing but how much it was.

``GET /`` answers with the bytes that came. It runs as a process of its own.
"""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

__all__ = ["serve"]


class _Sink(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    taken = 0

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.rfile.read(length)
        _Sink.taken += length
        self._answer(b"")

    def do_GET(self) -> None:
        self._answer(str(_Sink.taken).encode())

    def log_message(self, format: str, *args: object) -> None:
        return None

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve() -> None:
    """Listen on a free port, say where, and take what comes until the process is ended."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Sink) as server:
        print(f"sink at http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    serve()
