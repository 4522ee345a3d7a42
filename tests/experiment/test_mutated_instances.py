"""Damage of instances, at random from a seed: none is taken for another instance, and none costs anything."""

import random
import resource
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import pytest
from making import make_instance

from colosseum.errors import InstanceError
from colosseum.experiment.estimate import demand
from colosseum.experiment.experiment_instance import load_instance
from colosseum.experiment.instance_file import instance_digest, with_digest

MIB = 1 << 20


def flip(data, rng):
    i = rng.randrange(len(data))
    data[i] ^= 1 << rng.randrange(8)


def truncate(data, rng):
    del data[rng.randrange(len(data)) :]


def insert(data, rng):
    i = rng.randrange(len(data) + 1)
    data[i:i] = rng.randbytes(rng.randint(1, 20))


def remove(data, rng):
    i = rng.randrange(len(data))
    del data[i : i + rng.randint(1, 20)]


def swap(data, rng):
    i, j = rng.randrange(len(data)), rng.randrange(len(data))
    data[i], data[j] = data[j], data[i]


def repeat(data, rng):
    i = rng.randrange(len(data))
    data[i:i] = data[i : i + rng.randint(1, 200)]


MUTATIONS = (flip, truncate, insert, remove, swap, repeat)


def mutations(whole, seed):
    """Yield 10,000 contents that are not the whole."""
    rng = random.Random(seed)
    n = 0
    while n < 10_000:
        data = bytearray(whole)
        for _ in range(rng.choice((1, 1, 1, 2, 5))):
            if data:
                rng.choice(MUTATIONS)(data, rng)
        if data != whole:
            n += 1
            yield bytes(data)


@pytest.mark.slow
def test_ten_thousand_mutations():
    instance = make_instance(seed=4)
    whole = instance.to_bytes()
    path = Path("file.pkl")
    slowest = 0.0
    tracemalloc.start()
    for i, data in enumerate(mutations(whole, 0)):
        path.write_bytes(data)
        start = time.process_time()
        with pytest.raises(InstanceError) as caught:
            (load_instance, instance_digest)[i % 2](path)
        message = str(caught.value)
        assert message.startswith("file.pkl: ") and "\n" not in message and "make the instance again" in message
        assert demand.__wrapped__(path).mem_mb == 300
        slowest = max(slowest, time.process_time() - start)
    assert tracemalloc.get_traced_memory()[1] < 100 * MIB
    tracemalloc.stop()
    assert slowest < 1
    path.write_bytes(whole)
    assert load_instance(path) == instance


@pytest.mark.slow
def test_ten_thousand_mutations_whose_digest_is_right():
    """As of one who means harm: none crashes, takes memory or raises anything else."""
    whole = make_instance(seed=4).to_bytes()[:-92]
    path = Path("file.pkl")
    slowest, n_refused = 0.0, 0
    tracemalloc.start()
    for data in mutations(whole, 1):
        path.write_bytes(with_digest(data))
        start = time.process_time()
        try:
            load_instance(path)
        except InstanceError as error:
            n_refused += 1
            assert str(error).startswith("file.pkl: ") and "\n" not in str(error)
        found = demand.__wrapped__(path)
        assert 300 <= found.mem_mb < 1 << 23 and 60 < found.seconds < 1 << 26
        slowest = max(slowest, time.process_time() - start)
    assert tracemalloc.get_traced_memory()[1] < 100 * MIB
    tracemalloc.stop()
    assert slowest < 1 and n_refused > 5_000


BOMBS = {
    "a memo of 2 GiB": b"\x80\x04r" + (2**27).to_bytes(4, "little") + b".",
    "a text of 4 GiB": b"\x80\x04X" + (2**32 - 1).to_bytes(4, "little") + b"x.",
    "a text of 2^62 bytes": b"\x80\x04\x8d" + (2**62).to_bytes(8, "little") + b"x.",
    "a frame of 2^62 bytes": b"\x80\x04\x95" + (2**62).to_bytes(8, "little") + b"N.",
    "a byte array of 2^40": b"\x80\x05\x96" + (2**40).to_bytes(8, "little") + b"x.",
    "nested tuples": b"\x80\x04)" + b"\x85" * 1_000_000 + b".",
    "nested tuples as a key": b"\x80\x04})" + b"\x85" * 1_000_000 + b"Ns.",
    "nested lists": b"\x80\x04" + b"](" * 500_000 + b"e" * 500_000 + b".",
    "doubled": b"\x80\x04(" + b"1(" * 100 + b"2" * 1_000_000 + b".",
    "a long number": b"\x80\x04\x8b" + (10**6).to_bytes(4, "little") + b"\x7f" * 10**6 + b".",
    "a long number in digits": b"I" + b"9" * 1_000_000 + b"\n.",
}

LIMITED = """
import resource, sys
from colosseum.errors import InstanceError
from colosseum.experiment.experiment_instance import load_instance
from colosseum.experiment.estimate import demand
def peak():
    return int(open("/proc/self/status").read().split("VmPeak:")[1].split()[0]) << 10
limit = peak() + (100 << 20)
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
for path in sys.argv[1:]:
    for read in (load_instance, demand):
        try:
            print(path, demand(path).mem_mb if read is demand else load_instance(path))
        except InstanceError as error:
            print(error)
"""


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_AS") or not Path("/proc/self/status").exists(), reason="Linux")
def test_bombs_take_neither_memory_nor_time():
    """Neither with a digest nor without: in a process that may take 100 MiB more than it has."""
    paths = []
    for i, bomb in enumerate(BOMBS.values()):
        for signed in (False, True):
            paths.append(f"{i}-{'signed' if signed else 'plain'}.pkl")
            Path(paths[-1]).write_bytes(with_digest(bomb) if signed else bomb)
    ran = subprocess.run(
        [sys.executable, "-c", LIMITED, *paths], capture_output=True, text=True, check=True, timeout=60
    )
    lines = ran.stdout.splitlines()
    assert len(lines) == 2 * len(paths) and not ran.stderr
    for path, refused, estimate in zip(paths, lines[::2], lines[1::2], strict=True):
        assert refused.startswith(f"{path}: ") and "MemoryError" not in refused, refused
        assert estimate == f"{path} 300"
    for path in paths:
        start = time.process_time()
        with pytest.raises(InstanceError):
            load_instance(path)
        assert time.process_time() - start < 1
