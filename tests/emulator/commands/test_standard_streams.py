"""Standard output that breaks: a command ends in a line, an emulator that serves goes on."""

from __future__ import annotations

import io
import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from emulator.cli import main
from emulator.commands.options import say
from emulator.commands.standard_streams import LastingWriter, lasting_streams
from emulator.commands.up import ExchangePrinter
from emulator.federation import Federation
from emulator.kernel.failures import Failure

_FULL = Path("/dev/full")
needs_full_device = pytest.mark.skipif(not _FULL.exists(), reason="only Linux has a device that is always full")


def stream_to(descriptor: int) -> io.TextIOWrapper:
    """Returns a stream as the interpreter makes standard output: buffered, as to a file or a pipe."""
    return io.TextIOWrapper(io.BufferedWriter(io.FileIO(descriptor, "w", closefd=False)), encoding="utf-8")


@contextmanager
def standard(monkeypatch: pytest.MonkeyPatch, name: str, descriptor: int) -> Iterator[None]:
    """Has a standard stream write to a descriptor, which is closed afterwards."""
    with monkeypatch.context() as patch:
        patch.setattr(sys, name, stream_to(descriptor))
        yield
    os.close(descriptor)


def pipe_without_reader() -> int:
    """Returns the end of a pipe whose reader has left, as that of ``| head -1`` does."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing


def exit_code(*arguments: str) -> object:
    """Runs the command line and returns its exit code."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return ended.value.code


@pytest.mark.parametrize(
    "arguments",
    [
        ["check"],
        ["check", "--json"],
        ["explain", "audience"],
        ["--help"],
        ["mint", "x", "y", "--json"],
        ["run", "--nix", "--json"],
    ],
)
def test_a_reader_that_left_ends_a_command_without_a_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    """Text, JSON, help, and JSON errors: the exit code is what a shell reports of SIGPIPE."""
    with standard(monkeypatch, "stdout", pipe_without_reader()):
        assert exit_code(*arguments) == 141
    assert capsys.readouterr().err == ""


@needs_full_device
@pytest.mark.parametrize("arguments", [["check"], ["check", "--json"], ["--help"], ["mint", "x", "y", "--json"]])
def test_a_full_disk_ends_a_command_with_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    """Also where the output fits into the buffer, so that only the last flush fails."""
    with standard(monkeypatch, "stdout", os.open(_FULL, os.O_WRONLY)):
        assert exit_code(*arguments) == 3
    assert capsys.readouterr().err == "fedemu: standard output cannot be written: No space left on device\n"


@needs_full_device
def test_errors_that_cannot_be_printed_have_their_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard error is full, or its reader has left."""
    for descriptor in (os.open(_FULL, os.O_WRONLY), pipe_without_reader()):
        with standard(monkeypatch, "stderr", descriptor):
            assert exit_code("mint", "nobody", "nothing") == 2


def test_output_to_a_closed_descriptor_goes_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """With ``>&-`` Python has no standard output at all, and the next file that is opened would become it."""
    monkeypatch.setattr(sys, "stdout", None)
    opened: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "dup2", lambda old, new: opened.append((old, new)))
    assert exit_code("schema", "world") == 0
    assert [new for _, new in opened] == [1]
    os.close(opened[0][0])


def test_an_emulator_is_neither_held_up_nor_ended_by_its_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reader leaves while it serves; it is said once, and everything that is printed later is dropped."""
    with standard(monkeypatch, "stdout", pipe_without_reader()), lasting_streams():
        for number in range(3):
            say(str(number))
    assert capsys.readouterr().err == (
        "fedemu: standard output cannot be written: Broken pipe. Requests are answered all the same.\n"
    )


def test_a_reader_that_does_not_read_costs_bounded_memory() -> None:
    """More than a million bytes are not kept; what was lost is counted where reading goes on."""
    reading, writing = os.pipe()
    writer = LastingWriter(writing, report=lambda _: None)
    line = b"x" * 99 + b"\n"
    for _ in range(20_000):
        assert writer.write(line) == 100
    received = bytearray()

    def read() -> None:
        while chunk := os.read(reading, 65536):
            received.extend(chunk)

    reader = threading.Thread(target=read)
    reader.start()
    assert any(writer.finish() for _ in range(15))
    writer.write(b"the end\n")
    assert any(writer.finish() for _ in range(15))
    os.close(writing)
    reader.join()
    os.close(reading)
    kept = received.count(b"x" * 99 + b"\n")
    lost = 100 * (20_000 - kept)
    assert 10_000 <= kept <= 11_000
    gaps = re.findall(rb"^fedemu: (\d+) bytes of output were lost here$", received, re.MULTILINE)
    assert sum(map(int, gaps)) == lost  # there may be several, as the pipe takes some of it meanwhile
    assert received.endswith(b" bytes of output were lost here\nthe end\n")


def test_a_disk_with_room_again_is_written_to_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The failure is reported once, and again only after writing has worked meanwhile."""
    reasons: list[str] = []
    written, is_full = bytearray(), [True]

    def write(_descriptor: int, data: bytes) -> int:
        if is_full[0]:
            raise OSError(28, "No space left on device")
        written.extend(data)
        return len(data)

    monkeypatch.setattr(os, "write", write)
    writer = LastingWriter(1, report=reasons.append)
    writer.write(b"one\n")
    writer.write(b"two\n")
    writer.finish()
    is_full[0] = False
    writer.write(b"three\n")
    writer.finish()
    is_full[0] = True
    writer.write(b"four\n")
    writer.finish()
    monkeypatch.undo()
    assert bytes(written) == b"fedemu: 8 bytes of output were lost here\nthree\n"
    assert reasons == ["No space left on device"] * 2


def test_an_exchange_that_cannot_be_printed_leaves_the_others(
    federation: Federation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What goes wrong is reported as a failure; the next exchange is printed."""
    failures: list[Failure] = []
    federation.failures.listen(failures.append)
    names = {"https://acme.okta.com/b": "the other"}
    monkeypatch.setattr("emulator.diagnosis.steps.step_name", lambda exchange, _: names[exchange.url])
    with ExchangePrinter(federation, None) as printer:
        federation.gateway.listen(printer)
        browser = federation.browser()
        browser.open("https://acme.okta.com/a")
        browser.open("https://acme.okta.com/b")
    assert [(each.during, type(each.error)) for each in failures] == [
        ("printing GET https://acme.okta.com/a", KeyError)
    ]
    assert "GET https://acme.okta.com/b" in capsys.readouterr().out
