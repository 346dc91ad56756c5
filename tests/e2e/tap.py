# SPDX-License-Identifier: MIT
"""tap.py -- runs the test_... functions of a file and tells the Test Anything Protocol about them."""

import inspect
import shutil
import sys
import time
import traceback

PATIENCE = 30.0  # seconds until a condition that should come soon counts as failed


class Skip(Exception):
    """What the test needs is not here; the text says what and why."""


def check(ok, text):
    if not ok:
        raise AssertionError(text)


def equal(got, want, what=""):
    if got != want:
        raise AssertionError(f"{what + ': ' if what else ''}got {got!r}, want {want!r}")


def need(program, package=None):
    """The program's path, or the test is skipped."""
    path = shutil.which(program)
    if path is None:
        hint = f" (Debian package {package})" if package else ""
        raise Skip(f"{program} is not installed{hint}")
    return path


def wait_until(condition, what, seconds=PATIENCE):
    """Asks again and again until condition() says something true, which is returned."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        time.sleep(0.01)


def say(text):
    """A diagnostic: automake keeps it in the test's log."""
    for line in str(text).splitlines():
        print("#", line)


def one_line(text):
    return " ".join(str(text).split()).replace("#", "No.")


class Run:
    """All tests of one file. Those with a parameter share what start() makes, once it is needed."""

    def __init__(self, start):
        self.start, self.shared = start, None
        self.n, self.failed = 0, 0

    def tell(self, name, error=None, skip=None):
        self.n += 1
        self.failed += error is not None
        note = f" # SKIP {one_line(skip)}" if skip is not None else ""
        print(f"{'not ok' if error is not None else 'ok'} {self.n} - {name}{note}")
        if error is not None:
            say(error)

    def attempt(self, name, call, on_failure=lambda: None):
        began = time.monotonic()
        try:
            call()
        except Skip as reason:
            self.tell(name, skip=reason)
        except Exception:  # whatever goes wrong in a test is its failure
            self.tell(name, error=traceback.format_exc())
            on_failure()
        else:
            self.tell(name)
        say(f"{time.monotonic() - began:.2f} s")
        sys.stdout.flush()

    def test(self, function):
        name = function.__name__[len("test_"):].replace("_", " ")
        if not inspect.signature(function).parameters:
            self.attempt(name, function)
            return

        def with_shared():
            if self.shared is not None and not self.shared.is_running():
                self.shared = None
            if self.shared is None:
                self.shared = self.start()
            function(self.shared)

        self.attempt(name, with_shared,
                     on_failure=lambda: self.shared is not None and self.shared.tell_log())


def main(names, start=None):
    """names: globals() of the test file. start: makes the daemon for the tests that take one."""
    run = Run(start)
    wanted = sys.argv[1:]
    for name, function in list(names.items()):
        if name.startswith("test_") and (not wanted or name in wanted):
            run.test(function)
    if run.shared is not None:
        run.attempt("cmapd stops in order", run.shared.stop, on_failure=run.shared.tell_log)
        run.shared.close()
    print(f"1..{run.n}")
    sys.exit(1 if run.failed else 0)
