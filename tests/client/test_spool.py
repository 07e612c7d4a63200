"""What is on the disk is sent once, by whoever comes first, and read by nobody else."""

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from audit.client.limits import CALL_EVENTS
from audit.client.spool import Spool, SpoolFull

MUCH = 2**30
ROOT = Path(__file__).parents[2]


def age(path: Path) -> None:
    long_ago = time.time() - 60
    os.utime(path, (long_ago, long_ago))


def test_the_oldest_come_first_and_small_segments_go_together(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", MUCH)
    for n in range(3):
        spool.add([b"%d" % n, b"again %d" % n])
    parcel = spool.next()
    assert parcel is not None
    assert parcel.lines == [b"0", b"again 0", b"1", b"again 1", b"2", b"again 2"]
    spool.settle(parcel)
    assert spool.next() is None
    assert list((tmp_path / "spool").iterdir()) == []


def test_no_parcel_is_more_than_a_call_may_hold(tmp_path: Path) -> None:
    spool = Spool(tmp_path, MUCH)
    for _ in range(3):
        spool.add([b"x"] * (CALL_EVENTS // 2))
    sizes = []
    while parcel := spool.next():
        sizes.append(len(parcel.lines))
        spool.settle(parcel)
    assert sizes == [CALL_EVENTS, CALL_EVENTS // 2]


def test_only_the_owner_may_read_what_is_kept(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        Spool(tmp_path / "spool", MUCH).add([b"x"])
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "spool").stat().st_mode) == 0o700
    (segment,) = (tmp_path / "spool").iterdir()
    assert stat.S_IMODE(segment.stat().st_mode) == 0o600


def test_what_is_there_stays_when_there_is_no_room_for_more(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 10_000)
    spool.add([b"a" * 5_000])
    with pytest.raises(SpoolFull):
        spool.add([b"b" * 5_001])
    parcel = spool.next()
    assert parcel is not None
    assert parcel.lines == [b"a" * 5_000]
    spool.settle(parcel)
    spool.add([b"b" * 5_001])


def test_two_never_have_the_same_segment_and_what_one_leaves_the_other_takes(
    tmp_path: Path,
) -> None:
    spool, other = Spool(tmp_path, MUCH), Spool(tmp_path, MUCH)
    spool.add([b"x"])
    parcel = spool.next()
    assert parcel is not None
    other.names()
    assert other.next() is None
    parcel.release()
    other.names()
    taken = other.next()
    assert taken is not None
    assert taken.lines == [b"x"]
    other.settle(taken)
    assert spool.next() is None


def test_what_a_process_was_writing_when_it_died_is_taken_up_but_for_a_torn_line(
    tmp_path: Path,
) -> None:
    part = tmp_path / "00000000000000000001-1-a.part"
    part.write_bytes(b"whole\ntor")
    spool = Spool(tmp_path, MUCH)
    assert spool.next() is None  # its writer may be about to lock it
    age(part)
    spool.names()
    parcel = spool.next()
    assert parcel is not None
    assert parcel.lines == [b"whole"]
    spool.settle(parcel)
    assert spool.torn == 1
    (aside,) = tmp_path.iterdir()
    assert (aside.suffix, aside.read_bytes()) == (".torn", b"tor")


def test_a_segment_of_nothing_but_a_torn_line_holds_up_no_other(tmp_path: Path) -> None:
    (tmp_path / "00000000000000000001-1-a.ndjson").write_bytes(b"tor")
    spool = Spool(tmp_path, MUCH)
    spool.add([b"x"])
    parcel = spool.next()
    assert parcel is not None
    assert parcel.lines == [b"x"]
    spool.settle(parcel)
    assert [path.suffix for path in tmp_path.iterdir()] == [".torn"]


def test_a_disk_that_fails_leaves_no_half_segment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(file: int) -> None:
        raise OSError(28, "No space left on device")

    spool = Spool(tmp_path, MUCH)
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        spool.add([b"x"])
    assert list(tmp_path.iterdir()) == []


def test_a_forked_child_does_not_hold_what_its_parent_has_locked(tmp_path: Path) -> None:
    script = """
import os, sys
from pathlib import Path
from audit.client.spool import Spool
spool = Spool(Path(sys.argv[1]), 2**30)
spool.add([b"x"])
parcel = spool.next()
told, tell = os.pipe()
if os.fork() == 0:
    spool.disown()
    os.write(tell, b"ready")
    sys.stdin.read()
    os._exit(0)
os.read(told, 5)
parcel.release()  # the child still lives
assert Spool(Path(sys.argv[1]), 2**30).next().lines == [b"x"]
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
