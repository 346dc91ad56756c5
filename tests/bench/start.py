# SPDX-License-Identifier: MIT
"""start.py -- what cmapd's start with a full registry costs: time to the first answer, CPU time, memory.

The registry is written once, straight into a file that an empty cmapd has made; each run starts cmapd on a fresh
copy of it. Nothing is pinned. Run it by hand in the build directory:

    python3 ../tests/bench/start.py [--instances N] [--services N] [--runs N] [--lease 30s] [--dir DIR] [--cmapd PATH]

The last line of what it prints has the medians.
"""

import argparse
import os
import re
import shutil
import socket
import sqlite3
import statistics
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import wire  # noqa: E402

NAMESPACES = 10
PATIENCE = 60
PORT = 15800


def zone(n):
    return f"z{n}.internal"


def attributes(options, k):
    text = f"AWS_INSTANCE_IPV4 10.{k >> 16 & 255}.{k >> 8 & 255}.{k & 255}\n"
    return text + (f"CMAP_LEASE {options.lease}\n" if options.lease else "")


def memory_mb(pid):
    """RSS, PSS, anonymous memory, and the highest RSS there was."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
        text = f.read()
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        text += f.read()
    return [int(re.search(rf"^{field}:\s+(\d+)", text, re.M)[1]) / 1024
            for field in ("Rss", "Pss", "Anonymous", "VmHWM")]


class Process:
    """cmapd on one database file."""

    def __init__(self, options, directory, db):
        self.log = open(os.path.join(directory, "log"), "ab")
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [options.cmapd, "--listen", f"127.0.0.1:{PORT}", "--socket", os.path.join(directory, "sock"), "--db", db],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def await_answer(self, name):
        """Seconds from the start to the first answer to one query, asked every 2 ms."""
        query = wire.query(name, "A")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.connect(("127.0.0.1", PORT))
            client.settimeout(0.002)
            while time.monotonic() < self.began + PATIENCE:
                try:
                    client.send(query)
                    reply = client.recv(4096)
                except OSError:
                    time.sleep(0.0005)  # not bound yet: recv returned at once
                    continue
                at = time.monotonic() - self.began
                return at, reply[3] & 15, struct.unpack(">H", reply[6:8])[0]
        raise SystemExit(f"no answer within {PATIENCE} s")

    def cpu_s(self):
        """CPU time by thread name; the first one's is "control"."""
        spent = {}
        base = f"/proc/{self.process.pid}/task"
        for task in os.listdir(base):
            with open(f"{base}/{task}/comm", encoding="ascii") as f:
                name = "control" if int(task) == self.process.pid else f.read().strip()
            with open(f"{base}/{task}/schedstat", encoding="ascii") as f:
                spent[name] = spent.get(name, 0) + int(f.read().split()[0]) / 1e9
        return spent

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()


def make_database(options, directory, path):
    made = os.path.join(directory, "making.db")
    process = Process(options, directory, made)
    process.await_answer(zone(0))
    process.stop()
    per_service = options.instances // options.services
    with sqlite3.connect(made) as db:
        db.executemany("INSERT INTO namespace (id, type, name, creator_request_id, vpc, created_ms, operation_id)"
                       " VALUES (?, 'DNS_PRIVATE', ?, '', 'bench', 1700000000000, '')",
                       ((f"ns-{n:016}", zone(n)) for n in range(NAMESPACES)))
        db.executemany("INSERT INTO service (id, namespace_id, name, creator_request_id, http_only, routing, records,"
                       " custom_health, created_ms) VALUES (?, ?, ?, '', 0, 'MULTIVALUE', 'A 60' || char(10), 0,"
                       " 1700000000000)",
                       ((f"srv-{s:016}", f"ns-{s % NAMESPACES:016}", f"s{s}") for s in range(options.services)))
        db.executemany("INSERT INTO instance (service_id, id, creator_request_id, attributes, created_ms,"
                       " lease_end_ms) VALUES (?, ?, '', ?, 1700000000000, ?)",
                       ((f"srv-{k % options.services:016}", f"i-{k:07x}", attributes(options, k),
                         1700000030000 if options.lease else None)
                        for k in range(per_service * options.services)))
        db.execute("UPDATE meta SET value = 2 WHERE key = 'revision'")
    db.close()
    os.rename(made, path)


def run_once(options, directory, path):
    db = os.path.join(directory, "run.db")
    shutil.copyfile(path, db)
    process = Process(options, directory, db)
    try:
        last = options.services - 1
        seconds, status, answers = process.await_answer(f"s{last}.{zone(last % NAMESPACES)}")
        cpu = process.cpu_s()
        if status != 0 or answers == 0:
            raise SystemExit(f"wrong answer: status {status}, {answers} records")
        time.sleep(0.3)
        return [seconds, sum(cpu.values()), cpu.get("control", 0), cpu.get("cmap-store", 0), *memory_mb(process.process.pid)]
    finally:
        process.stop()
        os.unlink(db)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", type=int, default=1000000)
    parser.add_argument("--services", type=int, default=1000)
    parser.add_argument("--lease")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--dir", help="keeps the registry there for the next time")
    parser.add_argument("--cmapd", default="./cmapd")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(options.dir or scratch,
                            f"registry-{options.instances}-{options.services}-{options.lease or 0}.db")
        if not os.path.exists(path):
            make_database(options, scratch, path)
        heading = ["s", "CPU s", "control", "store", "RSS MB", "PSS MB", "anon MB", "peak MB"]
        print("".join(h.rjust(9) for h in heading))
        runs = []
        for _ in range(options.runs):
            runs.append(run_once(options, scratch, path))
            print("".join(f"{v:9.2f}" for v in runs[-1]), flush=True)
        print("".join(f"{statistics.median(column):9.2f}" for column in zip(*runs)), "median")


if __name__ == "__main__":
    main()
