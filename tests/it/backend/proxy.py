"""Starts nginx with a project's configuration before a server that answers with the headers it was sent, and asks it.

    python proxy.py NGINX CONFIGURATION
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import create_server


class Echo(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_):
        pass


def free_port():
    with create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def ask(port, headers, body=None):
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/", headers=headers, data=body)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read())


def wait(port):
    for _ in range(200):
        try:
            return ask(port, {})
        except OSError:
            time.sleep(0.05)
    raise SystemExit("nginx does not answer")


def main():
    nginx, configuration = sys.argv[1], Path(sys.argv[2]).read_text()
    application = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=application.serve_forever, daemon=True).start()
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        for old, new in [
            ("web:8000", f"127.0.0.1:{application.server_port}"),
            ("listen 8080", f"listen 127.0.0.1:{port}"),
            ("/tmp/", f"{folder}/"),
        ]:
            assert old in configuration, old
            configuration = configuration.replace(old, new)
        file = Path(folder, "nginx.conf")
        file.write_text(configuration)
        command = [nginx, "-e", f"{folder}/error.log", "-c", str(file), "-g", "daemon off;"]
        server = subprocess.Popen(command)
        try:
            wait(port)
            heard = ask(port, {"Host": "shop.example.org", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"})
            assert heard["host"] == "shop.example.org", heard
            assert heard["x-forwarded-proto"] == "http", heard
            assert heard["x-forwarded-for"] == "192.0.2.1, 127.0.0.1", heard
            assert len(heard["x-request-id"]) == 32, heard
            assert ask(port, {"X-Request-ID": "mine"})["x-request-id"] == "mine"
            try:
                ask(port, {}, b"x" * (11 << 20))
            except urllib.error.HTTPError as error:
                assert error.code == 413, error
            else:
                raise AssertionError("a body of 11 MiB went through")
        finally:
            server.terminate()
            server.wait(20)


main()
