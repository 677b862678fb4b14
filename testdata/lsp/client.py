"""A scripted editor: starts a language server, speaks with it over stdio, remembers what it publishes."""

import json
import os
import queue
import subprocess
import threading
import time

# How long an answer may take before the run is given up, in seconds.
PATIENCE = 120


class ServerError(Exception):
    """What a server answered instead of a result, or that it does not answer."""


class Editor:
    """Owns one server process; leaving the `with` block ends it."""

    def __init__(self, command, folder, capabilities, root=None):
        environment = dict(os.environ, CONTAINR_ROOT=os.path.join(folder, "state"))
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=environment,
        )
        self.messages = queue.Queue()
        self.published = {}
        self.next = 0
        threading.Thread(target=self._listen, daemon=True).start()
        self.abilities = self.ask(
            "initialize",
            {
                "processId": os.getpid(),
                "clientInfo": {"name": "scripted"},
                "rootUri": f"file://{root}" if root else None,
                "capabilities": capabilities,
            },
        )["capabilities"]
        self.start = time.perf_counter() - self.began
        self.tell("initialized", {})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.ask("shutdown", None)
            self.tell("exit", None)
            self.process.wait(timeout=10)
        except (ServerError, OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()

    def tell(self, method, params):
        """Sends a notification."""
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method, params):
        """Sends a request and returns its result."""
        self.next += 1
        number = self.next
        self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == number and "method" not in message:
                if message.get("error"):
                    raise ServerError(f"{method}: {message['error']}")
                return message.get("result")

    def open(self, uri, text, version=1):
        """Opens a document."""
        document = {"uri": uri, "languageId": "dockerfile", "version": version, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})

    def close(self, uri):
        """Closes a document and forgets what was published of it, the empty list at its end too."""
        self.tell("textDocument/didClose", {"textDocument": {"uri": uri}})

    def change(self, uri, version, changes):
        """Changes a document."""
        params = {"textDocument": {"uri": uri, "version": version}, "contentChanges": changes}
        self.tell("textDocument/didChange", params)

    def diagnostics(self, uri):
        """Waits for the next diagnostics of a document."""
        while not self.published.get(uri):
            self._receive()
        return self.published[uri].pop(0)

    def resident_kib(self):
        """Returns the memory of the server that is in use, in KiB."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))

    def _send(self, message):
        body = json.dumps(message).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def _receive(self):
        """Takes the next message; what the server asks is answered, what it publishes is kept."""
        try:
            message = self.messages.get(timeout=PATIENCE)
        except queue.Empty:
            raise ServerError(f"no word for {PATIENCE} s") from None
        if message is None:
            raise ServerError("the server hung up")
        if "method" in message and "id" in message:
            is_settings = message["method"] == "workspace/configuration"
            result = [None] * len(message["params"]["items"]) if is_settings else None
            self._send({"jsonrpc": "2.0", "id": message["id"], "result": result})
        elif message.get("method") == "textDocument/publishDiagnostics":
            params = message["params"]
            self.published.setdefault(params["uri"], []).append(params["diagnostics"])
        return message

    def _listen(self):
        stream = self.process.stdout
        while True:
            length = 0
            while (line := stream.readline()).strip():
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            body = stream.read(length) if length else b""
            if not body:
                self.messages.put(None)
                return
            self.messages.put(json.loads(body))
