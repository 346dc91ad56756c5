# SPDX-License-Identifier: MIT
"""dig.py -- what dig(1) says, taken apart."""

import re
import subprocess

import tap
from wire import Record


class Dig:
    """One run of dig: status ("NOERROR" ...), flags, sections, edns size, transport and size of the reply."""

    def __init__(self, text):
        self.text = text
        self.status = self.find(r"status: (\w+),")
        self.flags = set((self.find(r"^;; flags:([^;]*);") or "").split())
        self.edns_size = int(self.find(r"^; EDNS: .*udp: (\d+)") or 0)
        self.edns_flags = (self.find(r"^; EDNS: version: \d+, flags:([^;]*);") or "").split()
        self.size = int(self.find(r"^;; MSG SIZE\s+rcvd: (\d+)") or 0)
        self.transport = self.find(r"^;; SERVER: .* \((\w+)\)$")
        self.retried = "Truncated, retrying in TCP mode" in text
        self.answer = self.section("ANSWER")
        self.authority = self.section("AUTHORITY")
        self.additional = self.section("ADDITIONAL")

    def find(self, pattern):
        found = re.search(pattern, self.text, re.M)
        return found.group(1) if found else None

    def section(self, title):
        found = re.search(rf"^;; {title} SECTION:\n((?:[^;\n].*\n)*)", self.text, re.M)
        return [self.record(line) for line in found.group(1).splitlines()] if found else []

    @staticmethod
    def record(line):
        name, ttl, _, rtype, data = line.split(None, 4)
        return Record(name, int(ttl), rtype, data)

    def values(self):
        return [record.data for record in self.answer]


def several(address, questions, *options):
    """Asks cmapd at address; questions: pairs of name and type; options are dig's, such as "+tcp"."""
    host, port = address
    command = [tap.need("dig", "bind9-dnsutils"), f"@{host}", "-p", str(port), "+norec", "+time=1",
               "+tries=2", *options]
    for name, qtype in questions:
        command += ["-q", name, "-t", qtype]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=tap.PATIENCE, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: status {done.returncode}\n{done.stdout}")
    before, *answers = re.split(r"^(?=;; Got answer:)", done.stdout, flags=re.M)
    if len(answers) != len(questions):
        raise AssertionError(f"{len(answers)} answers to {' '.join(command)}:\n{done.stdout}")
    return [Dig(text) for text in [before + answers[0]] + answers[1:]]


def run(address, name, qtype="A", *options):
    """As several() with one question."""
    return several(address, [(name, qtype)], *options)[0]
