"""Messages arrive whole, in time and no larger than allowed; who sent them is what the kernel says."""

import os
import struct
import threading
import time
from pathlib import Path

import pytest

from autograder.execution import channel as channels
from autograder.execution.channel import Channel, Closed, Late, Malformed, Stopped, pair


@pytest.fixture
def ends():
    ours, theirs = pair()
    with ours, theirs:
        yield Channel(ours), theirs


def test_messages_arrive_whole_and_in_order(ends):
    ours, theirs = ends
    other = Channel(theirs)
    large = os.urandom(3 * 2**20)
    thread = threading.Thread(target=lambda: [other.send(message) for message in (b"one", b"", large)])
    thread.start()

    received = [ours.receive(time.monotonic() + 5) for _ in range(3)]
    thread.join()

    assert received == [b"one", b"", large]


def test_silence_is_late(ends):
    ours, theirs = ends
    theirs.sendall(struct.pack("!I", 10) + b"half")

    with pytest.raises(Late):
        ours.receive(time.monotonic() + 0.05)


def test_an_end_that_is_gone_is_closed(ends):
    ours, theirs = ends
    theirs.close()

    with pytest.raises(Closed):
        ours.receive(time.monotonic() + 1)
    with pytest.raises(Closed):
        ours.send(b"x", time.monotonic() + 1)


def test_a_message_too_large_to_be_true_is_malformed(ends):
    ours, theirs = ends
    theirs.sendall(struct.pack("!I", channels.MAX_FRAME + 1))

    with pytest.raises(Malformed):
        ours.receive(time.monotonic() + 1)


def test_no_one_reading_is_late_too(ends):
    ours, _ = ends

    with pytest.raises(Late):
        ours.send(b"x" * 2**24, time.monotonic() + 0.1)


def test_a_descriptor_travels_with_its_message_only_where_one_is_expected(ends):
    ours, theirs = ends
    other = Channel(theirs)
    with Path(os.devnull).open() as null:
        other.send(b"take", fd=null.fileno())
        other.send(b"drop", fd=null.fileno())
    before = len(list(Path("/proc/self/fd").iterdir()))

    message, fd = ours.receive_with_fd(time.monotonic() + 1)

    assert message == b"take" and fd is not None
    assert ours.receive(time.monotonic() + 1) == b"drop"
    assert len(list(Path("/proc/self/fd").iterdir())) == before + 1
    os.close(fd)


def test_a_descriptor_stays_with_its_message_where_another_precedes_it_unread(ends):
    ours, theirs = ends
    other = Channel(theirs)
    with Path(os.devnull).open() as null:
        other.send(b"first")
        other.send(b"take", fd=null.fileno())
        other.send(b"last")

    received = [ours.receive_with_fd(time.monotonic() + 1) for _ in range(3)]

    assert [message for message, _ in received] == [b"first", b"take", b"last"]
    assert [fd is None for _, fd in received] == [True, False, True]
    os.close(received[1][1])


def test_the_kernel_says_who_sent(ends):
    ours, theirs = ends
    ours.announce_sender()
    pid = os.fork()
    if pid == 0:
        Channel(theirs).send(b"hello")
        os._exit(0)

    assert ours.receive_from(time.monotonic() + 5) == (b"hello", pid)
    os.waitpid(pid, 0)


def test_what_is_watched_is_served_and_a_tick_may_stop_the_waiting(ends):
    ours, _ = ends
    reader, writer = os.pipe()
    served = []
    ours.watch[reader] = lambda: served.append(os.read(reader, 10))
    ours.tick = lambda: "enough" if served else None
    os.write(writer, b"x")

    with pytest.raises(Stopped, match="enough"):
        ours.receive(time.monotonic() + 5)
    assert served == [b"x"]
    os.close(reader), os.close(writer)


def test_a_tick_comes_in_time_however_much_there_is_to_read(ends):
    ours, theirs = ends
    reader, writer = os.pipe()
    os.write(writer, b"always there")
    ours.watch[reader] = lambda: None
    ours.tick = lambda: "enough"

    with pytest.raises(Stopped, match="enough"):
        ours.receive(time.monotonic() + 5)
    del ours.watch[reader]
    os.close(reader), os.close(writer)
    deadline = time.monotonic() + 5
    with pytest.raises(Stopped, match="enough"):
        while time.monotonic() < deadline:
            theirs.sendall(struct.pack("!I", 1) + b"x")
            ours.receive(deadline)
