# SPDX-License-Identifier: Apache-2.0
"""A program on a pseudo terminal, and what stands on its screen: enough of a terminal for what
Millrace writes. An escape sequence that it does not know fails the test."""

import fcntl
import os
import pty
import re
import select
import struct
import termios
import time

TOKEN = re.compile(r"\x1b\[([?\d;]*)([A-Za-z])|\x1b(.)|([\r\n])|([^\x1b\r\n]+)", re.S)


class Screen:
    """Rows of text, those that scrolled away included."""

    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.lines = [""]
        self.row = 0  # of the cursor, in `lines`
        self.column = 0
        self.rest = ""

    def top(self):
        return max(0, len(self.lines) - self.rows)

    def feed(self, text):
        text = self.rest + text
        # A sequence that is not all there yet waits for its end.
        cut = re.search(r"\x1b(\[[?\d;]*)?$", text)
        self.rest = text[cut.start():] if cut else ""
        for match in TOKEN.finditer(text[:cut.start()] if cut else text):
            arguments, command, other, control, plain = match.groups()
            if plain is not None:
                self.put(plain)
            elif control == "\r":
                self.column = 0
            elif control == "\n":
                self.row += 1
                if self.row == len(self.lines):
                    self.lines.append("")
            elif other is not None:
                raise AssertionError(f"an unknown sequence: ESC {other!r}")
            else:
                self.obey(arguments, command)

    def put(self, text):
        for character in text:
            if ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0:
                raise AssertionError(f"a control character: {character!r}")
            if self.column == self.columns:
                self.feed("\r\n")
            line = self.lines[self.row].ljust(self.column)
            self.lines[self.row] = line[:self.column] + character + line[self.column + 1:]
            self.column += 1

    def obey(self, arguments, command):
        if command == "A":
            self.row = max(self.top(), self.row - int(arguments or 1))
        elif command == "J" and arguments in ("", "0"):
            self.lines[self.row] = self.lines[self.row][:self.column]
            del self.lines[self.row + 1:]
        elif command == "K" and arguments in ("", "0"):
            self.lines[self.row] = self.lines[self.row][:self.column]
        elif command == "H" and not arguments:
            self.row, self.column = self.top(), 0
        elif command != "m":
            raise AssertionError(f"an unknown sequence: ESC [ {arguments} {command}")

    def text(self):
        return "\n".join(line.rstrip() for line in self.lines).rstrip("\n")

    def shown(self):
        return "\n".join(line.rstrip() for line in self.lines[self.top():]).rstrip("\n")


class Terminal:
    """Runs a program whose standard streams are all a terminal of this size."""

    def __init__(self, command, columns, rows, **environment):
        self.screen = Screen(columns, rows)
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            try:
                kept = {name: value for name, value in os.environ.items()
                        if name not in ("NO_COLOR", "COLUMNS", "LINES", "BOOTSTRAP_SERVERS")}
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
                os.execve(command[0], command, {**kept, "TERM": "xterm-256color", **environment})
            finally:
                os._exit(127)
        self.modes = termios.tcgetattr(self.descriptor)
        self.raw = b""
        self.code = None

    def resize(self, columns, rows):
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        # What stands there is folded by many terminals; here the next frame begins a new screen.
        self.screen = Screen(columns, rows)

    def type(self, text):
        os.write(self.descriptor, text.encode())

    def read(self, seconds):
        """What came within the time; False at the end."""
        if not select.select([self.descriptor], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.descriptor, 65536)
        except OSError:  # Linux says so when the last of the other side is gone
            return False
        if not data:
            return False
        self.raw += data
        self.screen.feed(self.decode(data))
        return True

    def decode(self, data):
        data = getattr(self, "half", b"") + data
        for cut in range(4):
            try:
                text = data[:len(data) - cut].decode()
            except UnicodeDecodeError:
                continue
            self.half = data[len(data) - cut:]
            return text
        raise AssertionError(f"no UTF-8: {data!r}")

    def wait_for(self, pattern, seconds):
        """Until the screen matches."""
        deadline = time.monotonic() + seconds
        while not re.search(pattern, self.screen.shown()):
            left = deadline - time.monotonic()
            if left <= 0 or not self.read(left):
                raise AssertionError(f"no {pattern!r} on the screen:\n{self.screen.text()}")

    def wait(self, seconds):
        """Until the program ends; its exit code."""
        deadline = time.monotonic() + seconds
        while self.read(max(0.0, deadline - time.monotonic())):
            if time.monotonic() >= deadline:
                raise AssertionError(f"it does not end:\n{self.screen.text()}")
        self.code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.code

    def close(self):
        if self.code is None:
            os.kill(self.pid, 9)
            os.waitpid(self.pid, 0)
        os.close(self.descriptor)
