"""Does exactly one task download, and does a dead one not block the others for ever?"""

from __future__ import annotations

import os
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from weight_cache.lock import Lock

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / ".locks" / "org--model--main"


def grow_old(folder: Path, seconds: float) -> None:
    """As if the owner had died `seconds` ago."""
    then = time.time() - seconds
    for sign in [*folder.iterdir(), folder]:
        os.utime(sign, (then, then))


def test_one_of_many_gets_a_free_lock(folder: Path):
    """Sixteen tasks at once: one holds it, and it is free again after its block."""
    locks = [Lock(folder) for _ in range(16)]
    with ThreadPoolExecutor(16) as pool:
        taken = list(pool.map(Lock.acquire, locks))
    assert taken.count(True) == 1
    with locks[taken.index(True)]:
        assert not Lock(folder).acquire()
    assert list(folder.parent.iterdir()) == []
    assert Lock(folder).acquire()


def test_one_of_many_takes_over_from_a_silent_owner(folder: Path):
    """After ten minutes of silence, not before, exactly one waiting task goes on; the old owner has lost the lock."""
    dead = Lock(folder)
    assert dead.acquire()
    grow_old(folder, 590)
    assert not Lock(folder).acquire()
    grow_old(folder, 610)
    locks = [Lock(folder) for _ in range(16)]
    with ThreadPoolExecutor(16) as pool:
        taken = list(pool.map(Lock.acquire, locks))
    assert taken.count(True) == 1
    assert locks[taken.index(True)].held
    assert not dead.held


def test_a_lock_that_changed_hands_meanwhile_is_not_taken(folder: Path):
    """Between finding the owner silent and claiming, the stale lock may have become somebody's new one."""
    dead = Lock(folder)
    assert dead.acquire()
    successor = Lock(folder)

    class Late(Lock):
        def _silent_seconds(self) -> float:
            shutil.rmtree(folder)
            assert successor.acquire()
            return 700.0

    assert not Late(folder).acquire()
    assert successor.held
    assert [sign.name for sign in folder.iterdir()] == ["owner"]


def test_a_claimant_that_died_is_replaced_too(folder: Path):
    """A claim is a sign of life; once it is old as well, the next one claims."""
    dead = Lock(folder)
    assert dead.acquire()
    (folder / f"claim-{dead._id}-0").touch()
    assert not Lock(folder).acquire()
    grow_old(folder, 610)
    assert Lock(folder).acquire()


def test_a_beating_owner_keeps_the_lock_beyond_the_stale_time(folder: Path):
    """A download of an hour is not taken over while its process lives."""
    owner = Lock(folder, beat_seconds=0.02, stale_seconds=0.2)
    assert owner.acquire()
    with owner:
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            assert not Lock(folder, stale_seconds=0.2).acquire()
            time.sleep(0.02)


def test_an_owner_that_lost_the_lock_does_not_release_the_new_ones(folder: Path):
    """A process that was frozen for long ends without touching what its successor holds."""
    frozen = Lock(folder)
    assert frozen.acquire()
    grow_old(folder, 610)
    successor = Lock(folder)
    assert successor.acquire()
    with frozen:
        assert not frozen.held
    assert successor.held


def test_no_heartbeat_thread_outlives_its_block(folder: Path):
    """The program can end."""
    lock = Lock(folder)
    assert lock.acquire()
    with lock:
        assert [thread for thread in threading.enumerate() if thread.name == "heartbeat"] != []
    assert [thread for thread in threading.enumerate() if thread.name == "heartbeat"] == []
