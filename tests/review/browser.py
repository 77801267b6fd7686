"""A real Chromium driven over its debugging pipe: open a file, run script in it, press keys, see what it complained of."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
#: Gives the browser its two pipes under the numbers 3 and 4 that it expects.
LAUNCH = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 20) for end in sys.argv[1:3]]
for number, end in zip((3, 4), ends):
    os.dup2(end, number)
os.execv(sys.argv[3], sys.argv[3:])
"""
KEYS = {"ArrowDown": 40, "ArrowUp": 38, "ArrowRight": 39, "ArrowLeft": 37, "Enter": 13, "Tab": 9, "Escape": 27, "Home": 36,
        "End": 35, " ": 32}
PATIENCE = 30.0


class Browser:
    """One browser with a profile of its own and one page at a time."""

    def __init__(self, profile: Path, *arguments: str) -> None:
        assert CHROMIUM is not None
        theirs_in, self._to = os.pipe()
        self._from, theirs_out = os.pipe()
        pipes = (theirs_in, theirs_out)
        command = [sys.executable, "-I", "-c", LAUNCH, *map(str, pipes), CHROMIUM, "--headless=new", "--no-sandbox",
                   "--disable-gpu", "--remote-debugging-pipe", "--no-first-run", "--disable-extensions",
                   "--disable-dev-shm-usage",
                   f"--user-data-dir={profile}", *arguments, "about:blank"]
        self.process = subprocess.Popen(command, pass_fds=pipes, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(theirs_in)
        os.close(theirs_out)
        self._read, self._count, self.session = b"", 0, None
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.loaded = 0
        [page] = [t for t in self.send("Target.getTargets")["targetInfos"] if t["type"] == "page"]
        self.session = self.send("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def close(self) -> None:
        """End the browser."""
        with contextlib.suppress(OSError, TimeoutError, RuntimeError):
            self.session = None
            self.send("Browser.close")
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self._to)
        os.close(self._from)

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """One command and its answer."""
        self._count += 1
        wanted = self._count
        message: dict[str, Any] = {"id": wanted, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._to, data):]
        until = time.monotonic() + PATIENCE
        while (answer := self._next(until)).get("id") != wanted:
            self._noted(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return dict(answer["result"])

    def _next(self, until: float) -> dict[str, Any]:
        while b"\0" not in self._read:
            if not select.select([self._from], [], [], max(0.0, until - time.monotonic()))[0]:
                raise TimeoutError("the browser does not answer")
            more = os.read(self._from, 1 << 20)
            if not more:
                raise OSError("the browser has ended")
            self._read += more
        text, self._read = self._read.split(b"\0", 1)
        return dict(json.loads(text))

    def _noted(self, event: dict[str, Any]) -> None:
        method, params = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.complaints.append(params["exceptionDetails"].get("exception", {}).get("description") or str(params))
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.complaints.append(params["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Page.loadEventFired":
            self.loaded += 1

    def open(self, file: Path | str) -> None:
        """Open a file from disk and wait until it is there and its map is drawn."""
        self._go(lambda: self.send("Page.navigate", url=file if isinstance(file, str) else file.as_uri()))

    def reload(self) -> None:
        """Load the page anew."""
        self._go(lambda: self.send("Page.reload"))

    def _go(self, start: Any) -> None:
        before, until = self.loaded, time.monotonic() + PATIENCE
        start()
        while self.loaded == before:
            self._noted(self._next(until))
        self.wait("!document.getElementById('map') || document.querySelector('#map .dots')")

    def run(self, script: str) -> Any:
        """The value of an expression in the page; a promise is waited for."""
        found = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            raise RuntimeError(found["exceptionDetails"].get("exception", {}).get("description", str(found)))
        return found["result"].get("value")

    def wait(self, condition: str) -> None:
        """Wait until an expression is true."""
        until = time.monotonic() + PATIENCE
        while not self.run(f"Boolean({condition})"):
            if time.monotonic() > until:
                raise TimeoutError(condition)
            time.sleep(0.02)

    def press(self, key: str, *, shift: bool = False) -> None:
        """Press and release a key as a person does."""
        keys = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": KEYS[key],
                "modifiers": 8 if shift else 0}
        text = {"Enter": "\r", " ": " "}.get(key)
        self.send("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **keys, **({"text": text} if text else {}))
        self.send("Input.dispatchKeyEvent", type="keyUp", **keys)

    def type(self, text: str) -> None:
        """Put text where the cursor is."""
        self.send("Input.insertText", text=text)

    def size(self, width: int, height: int, *, dark: bool = False) -> None:
        """The size of the window, and which colours the system prefers."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def picture(self, file: Path) -> None:
        """Write what is seen as PNG."""
        file.write_bytes(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))

    def paper(self, file: Path) -> None:
        """Write what is printed as PDF."""
        file.write_bytes(base64.b64decode(self.send("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"]))
