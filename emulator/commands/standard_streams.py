"""Standard output and standard error that fail: a full disk, or a reader that has gone away or stopped reading.

A command ends if its output cannot be written, and says so in one line. A serving emulator continues: its output is
written in a separate thread, and output that cannot be written is dropped.
"""

from __future__ import annotations

import errno
import io
import os
import select
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

READER_LEFT: Final = 141
"""The exit code of a command whose reader has left: what a shell reports of a program that SIGPIPE ended."""
_MOST_BYTES_WAITING = 1_000_000
_PATIENCE_SECONDS = 2.0


class OutputFailed(Exception):
    """Standard output cannot be written. Not an OSError, so that it is not mistaken for an error of another file."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror or str(error))
        self.has_no_reader = error.errno == errno.EPIPE


class _Writer(io.RawIOBase):
    """Writes to a descriptor, and leaves it open when the stream is closed."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def writable(self) -> bool:
        return True


class CheckedWriter(_Writer):
    """Ends the command at the first failure, and ignores what is printed after it.

    Args:
        descriptor: The descriptor to write to.
        is_output: Whether a failure matters; on standard error it cannot be reported.
    """

    def __init__(self, descriptor: int, *, is_output: bool) -> None:
        super().__init__(descriptor)
        self._is_output = is_output
        self._has_failed = False

    def write(self, data: Any) -> int:
        if not self._has_failed:
            try:
                return _write_some(self._descriptor, data)
            except OSError as error:
                self._has_failed = True
                if self._is_output:
                    raise OutputFailed(error) from None
        return len(data)


class LastingWriter(_Writer):
    """Accepts output immediately and writes it in a thread of its own; the caller sees no failure.

    If a full disk has room again, output continues after a line that says how much was lost.

    Args:
        descriptor: The descriptor to write to.
        report: Called with a sentence when writing fails, and again only after it has succeeded in between.
    """

    def __init__(self, descriptor: int, *, report: Callable[[str], None]) -> None:
        super().__init__(descriptor)
        self._report = report
        self._changed = threading.Condition()
        self._waiting: deque[bytes | int] = deque()  # a number is of bytes that were not taken there
        self._bytes_waiting = 0
        self._bytes_lost = 0
        self._is_failing = False
        self._has_no_reader = False
        self._is_writing = False
        threading.Thread(target=self._write_all, name="output", daemon=True).start()

    def write(self, data: Any) -> int:
        text = bytes(data)
        with self._changed:
            if self._has_no_reader:
                return len(text)
            if self._bytes_waiting + len(text) > _MOST_BYTES_WAITING:
                last = self._waiting[-1] if self._waiting else b""
                if isinstance(last, int):
                    self._waiting[-1] = last + len(text)
                else:
                    self._waiting.append(len(text))
            else:
                self._waiting.append(text)
                self._bytes_waiting += len(text)
                self._changed.notify_all()
        return len(text)

    def finish(self) -> bool:
        """Waits for two seconds at most, as a reader may never read again; returns whether everything is written."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self._is_writing, timeout=_PATIENCE_SECONDS)

    def _write_all(self) -> None:
        while True:
            with self._changed:
                self._is_writing = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: bool(self._waiting))
                self._is_writing = True
                taken = self._waiting.popleft()
                if isinstance(taken, int):
                    self._bytes_lost += taken
                    continue
                self._bytes_waiting -= len(taken)
            try:
                if self._bytes_lost:
                    line = f"fedemu: {self._bytes_lost} bytes of output were lost here\n"
                    _write_whole(self._descriptor, line.encode())
                    self._bytes_lost = 0
                _write_whole(self._descriptor, taken)
                self._is_failing = False
            except OSError as error:
                self._failed(error, len(taken))

    def _failed(self, error: OSError, size: int) -> None:
        self._bytes_lost += size
        with self._changed:
            self._has_no_reader = error.errno in {errno.EPIPE, errno.EBADF}
            if self._has_no_reader:
                self._waiting.clear()
                self._bytes_waiting = 0
        if not self._is_failing:
            self._is_failing = True
            self._report(error.strerror or str(error))


def _write_some(descriptor: int, data: Any) -> int:
    """Writes as much as possible, and waits for a descriptor that is non-blocking."""
    while True:
        try:
            return os.write(descriptor, data)
        except BlockingIOError:
            select.select([], [descriptor], [])


def _write_whole(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[_write_some(descriptor, view) :]


@contextmanager
def checked_streams() -> Iterator[None]:
    """Makes a command end with ``OutputFailed`` if its standard output cannot be written, including the last flush.

    Raises:
        OutputFailed: it cannot be written.
    """
    _open_closed_streams()
    before = sys.stdout, sys.stderr
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if is_of_the_process(stream):
            writer = io.BufferedWriter(CheckedWriter(stream.fileno(), is_output=name == "stdout"))
            setattr(sys, name, _text_stream(writer, like=stream))
    try:
        yield
        sys.stdout.flush()
    finally:
        changed = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = before
        for stream, original in zip(changed, before, strict=True):
            if stream is not original:
                _empty(stream)


def _open_closed_streams() -> None:
    """Opens the null device for closed standard streams: otherwise the next opened file would take their place."""
    for name, number in (("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_WRONLY)
            if descriptor != number:
                os.dup2(descriptor, number)
            setattr(sys, name, open(number, "w", encoding="utf-8", closefd=False))  # noqa: SIM115  as long as the process


def _empty(stream: Any) -> None:
    """Flushes a stream's buffer if possible, so that the interpreter does not complain about it at exit."""
    try:
        stream.flush()
    except OutputFailed:
        stream.flush()  # the failure was the first; this one throws away what is left


@contextmanager
def lasting_streams() -> Iterator[None]:
    """Within a with block, printing neither waits for standard output and standard error nor sees them fail."""
    before = sys.stdout, sys.stderr
    writers = []
    for name in ("stderr", "stdout"):
        stream = getattr(sys, name)
        if is_of_the_process(stream):
            stream.flush()
            report = _report_to_stderr if name == "stdout" else _report_to_nobody
            writers.append(LastingWriter(stream.fileno(), report=report))
            setattr(sys, name, _text_stream(writers[-1], like=stream))
    try:
        yield
    finally:
        for writer in reversed(writers):
            writer.finish()
        sys.stdout, sys.stderr = before


def _report_to_stderr(reason: str) -> None:
    print(  # noqa: T201  click would look at standard output first
        f"fedemu: standard output cannot be written: {reason}. Requests are answered all the same.", file=sys.stderr
    )


def _report_to_nobody(_reason: str) -> None:
    """Reports nothing, because there is no other place to write to."""


def is_of_the_process(stream: Any) -> bool:
    """Returns whether a stream writes to a descriptor of this process, and is not a replacement by a test."""
    buffer = getattr(stream, "buffer", None)
    return type(stream) is io.TextIOWrapper and isinstance(getattr(buffer, "raw", buffer), (io.FileIO, _Writer))


def _text_stream(writer: Any, *, like: Any) -> io.TextIOWrapper:
    is_unbuffered = isinstance(writer, io.RawIOBase)
    return io.TextIOWrapper(
        writer,
        encoding=like.encoding,
        errors=like.errors,
        line_buffering=like.line_buffering or like.isatty(),
        write_through=is_unbuffered or like.write_through,
    )
