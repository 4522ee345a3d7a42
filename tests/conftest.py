"""What holds for all tests: a kernel cache for each worker, and a SIGINT that arrives."""

import os
import signal
from pathlib import Path

# what one worker compiles never depends on another
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    os.environ["NUMBA_CACHE_DIR"] = str(Path(__file__).parents[1] / ".pytest_cache" / "numba" / worker)

# a shell starts what it puts into the background with SIGINT ignored, and programs that tests start would inherit that
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
