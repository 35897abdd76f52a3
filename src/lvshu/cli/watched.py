"""Work in a second thread, so that Ctrl-C in the first can stop it cleanly."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from lvshu.cli.console import Output
from lvshu.pipeline.progress import Cancellation

Result = TypeVar("Result")
_CANCELLED = 130
_PATIENCE = 0.1


def watched(work: Callable[[Cancellation], Result], *, output: Output) -> Result:
    """Return what the work returns. Ctrl-C asks it to stop; a second Ctrl-C leaves at once (nothing is lost).

    Raises:
        BaseException: whatever the work raised.
    """
    stop = Cancellation()
    results: list[Result] = []
    errors: list[BaseException] = []
    done = threading.Event()

    def body() -> None:
        try:
            results.append(work(stop))
        except BaseException as error:  # noqa: BLE001  (handed over to the other thread, raised there)
            errors.append(error)
        finally:
            done.set()

    with _stopping_on_signals(stop, output):
        threading.Thread(target=body, name="lvshu-run", daemon=True).start()
        while not done.is_set():
            done.wait(_PATIENCE)
    if errors:
        raise errors[0]
    return results[0]


@contextmanager
def _stopping_on_signals(stop: Cancellation, output: Output) -> Iterator[None]:
    """While the block runs, let Ctrl-C (and a polite kill) ask the work to stop instead of raising anywhere."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def heed(*_: object) -> None:
        if stop.requested:
            os._exit(_CANCELLED)
        output.err.print(output.text("cancelling"), markup=False)
        stop.request()

    before = {number: signal.signal(number, heed) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
