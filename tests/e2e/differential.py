# SPDX-License-Identifier: MIT
"""
differential.py -- random registries, exported and loaded into a real NSD; both are asked the same questions.

Environment: CMAP_PAIRS, how many questions (5000); CMAP_SEED, where randomness begins (1; make torture takes the time);
CMAP_TOWN, the number of the one registry to be made: a difference tells seed and number.

A reply is its header bits, its OPT record but for options, and its sections as sets of records, names in lower case.
What may differ stands in ALLOWED, and in DIFFERENCES.md beside this file; all else is an error, and so is an
allowance that nothing needs.
"""

import collections
import os
import random
import re
import tempfile
import time

import cmap
import nsd
import tap
import towns
import wire
from tap import check, equal

PAIRS = int(os.environ.get("CMAP_PAIRS", "5000"))
SEED = int(os.environ.get("CMAP_SEED", "1"))
ONLY_TOWN = int(os.environ.get("CMAP_TOWN", "0"))
QUESTIONS = 250  # about a town
TOWNS = 10  # that one NSD serves
WAITING = 25  # questions on their way at once
UDP_SIZE = 1232
CHAIN_MAX = 16
TARGETS_MAX = 32  # of SRV records, whose addresses cmapd adds
ADDRESS_OCTETS = 28  # of an AAAA record whose name is a pointer

ALLOWED = {
    "size": "A reply over UDP that reaches its limit: asked again over TCP, both say the same.",
    "authority": "NSD adds the zone's NS records to an answer.",
    "additional": "NSD adds the addresses of every name that it gives, where it has them.",
    "chain": "NSD follows more than 16 CNAMEs.",
    "any": "Both answer ANY with one RRset, but not with the same.",
}


# ---- asking ----


def unescape(text):
    """The labels, as octets, of a name in a zone file."""
    labels, label = [], b""
    for code, char, octet in re.findall(r"\\(\d{3})|\\(.)|(.)", text):
        if octet == ".":
            labels.append(label)
            label = b""
        else:
            label += bytes([int(code)]) if code else (char or octet).encode()
    return labels


def plain(name):
    """As wire.Message tells it, in lower case."""
    return "".join(label.decode("latin-1") + "." for label in unescape(name)).lower()


def octets(q, ident):
    name = b"".join(bytes([len(label)]) + label for label in unescape(q.name)) + b"\0"
    number = int(q.type[4:]) if q.type.startswith("TYPE") else wire.TYPES[q.type]
    opt = wire.opt(q.size, flags=wire.DO if q.is_signed else 0) if q.size else b""
    return wire.header(ident, q.flags, qd=1, ar=q.size > 0) + name + number.to_bytes(2, "big") + b"\0\1" + opt


class Client:
    """Asks one server over UDP and over TCP; several questions are on their way at once."""

    def __init__(self, address):
        self.udp, self.tcp = wire.Udp(address, seconds=2), wire.Tcp(address, seconds=tap.PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.udp.socket.close()
        self.tcp.socket.close()

    def send(self, questions):
        """Their numbers here are the ids of the messages."""
        self.waiting = dict(enumerate(questions))
        for ident, q in self.waiting.items():
            (self.tcp if q.is_tcp else self.udp).send(octets(q, ident))

    def take(self, message, replies):
        reply = wire.Message(message)
        if self.waiting.pop(reply.id, None) is not None:
            replies[reply.id] = Reply(reply)

    def receive(self):
        """The replies, in the order of the questions."""
        replies, tries = {}, 0
        while any(q.is_tcp for q in self.waiting.values()):
            self.take(self.tcp.receive(), replies)
        while self.waiting:
            try:
                self.take(self.udp.receive(), replies)
            except TimeoutError:
                tries += 1
                check(tries < 10, f"no reply to {self.waiting}")
                for ident, q in self.waiting.items():
                    self.udp.send(octets(q, ident))
        return [replies[ident] for ident in sorted(replies)]


def ask(clients, questions):
    """Pairs of replies."""
    for client in clients:
        client.send(questions)
    return list(zip(*(client.receive() for client in clients)))


# ---- comparing ----


def fold(record):
    is_text = isinstance(record.data, str) or record.type == "NAPTR"  # which ends in a name
    data = record.data.lower() if is_text else record.data
    return wire.Record(record.name.lower(), record.ttl, record.type, data)


class Reply:
    def __init__(self, message):
        self.octets = message.octets
        self.bits = message.flags & 0xFFF0
        self.status = message.status
        self.question, self.opt = message.question, message.opt
        self.sections = [[fold(r) for r in section]
                         for section in (message.answer, message.authority, message.additional)]
        self.chain = self.sections[0]
        self.answer, self.authority, self.additional = (set(section) for section in self.sections)

    def is_truncated(self):
        return self.bits & wire.TC != 0

    def is_referral(self):
        return any(r.type == "NS" for r in self.authority)

    def is_part_of(self, other):
        return self.answer <= other.answer and self.authority <= other.authority and \
            self.additional <= other.additional

    def tell(self):
        lines = [f"{self.status} flags {self.bits:04x} {self.opt} {len(self.octets)} octets"]
        for title in ("answer", "authority", "additional"):
            lines += [f"  {title}: {r}" for r in sorted(getattr(self, title), key=str)]
        return "\n".join(lines)


class Judge:
    """Compares replies. used counts what was allowed, seen what the replies were about."""

    def __init__(self):
        self.used, self.seen = collections.Counter(), collections.Counter()
        self.servers, self.names = {}, set()  # of each zone; of all zones

    def load(self, zones):
        """zones: texts by name."""
        self.servers, self.names = collections.defaultdict(set), set()
        for name, text in zones.items():
            for owner, ttl, kind, data in towns.records(text):
                self.names.add(plain(owner))
                if kind == "NS" and owner == name + ".":
                    self.servers[owner].add(wire.Record(owner, ttl, kind, plain(data)))

    def difference(self, ours, theirs):
        """What differs that may not, in words; None if nothing does."""
        if any(len(section) != len(set(section)) for section in ours.sections):
            return "a record twice"
        if self.is_longer_chain(ours, theirs):
            self.used["chain"] += 1
            return None
        for what in ("status", "bits", "question", "opt", "answer"):
            if getattr(ours, what) != getattr(theirs, what):
                return what
        if ours.authority != theirs.authority:
            if ours.authority or not theirs.answer or theirs.authority not in self.servers.values():
                return "authority"
            self.used["authority"] += 1
        if ours.additional != theirs.additional:
            if not self.fits_additional(ours, theirs):
                return "additional"
            self.used["additional"] += 1
        return None

    @staticmethod
    def is_longer_chain(ours, theirs):
        n = len(ours.chain)
        ends_there = n == CHAIN_MAX + 1 and all(r.type == "CNAME" for r in ours.chain) and \
            (ours.status, ours.bits & wire.AA, ours.authority, ours.additional) == ("NOERROR", wire.AA, set(), set())
        return ends_there and theirs.chain[:n] == ours.chain and (len(theirs.chain) > n or len(theirs.authority) > 0)

    def fits_additional(self, ours, theirs):
        more = {r.name for r in theirs.additional - ours.additional}
        return ours.additional <= theirs.additional and not more & self.names & (glue(ours) | targets(ours))

    def ask_again(self, q, ours, theirs):
        """The name of what is allowed, and another question, whose answers are to be the same; or None."""
        if not q.is_tcp and (ours.is_truncated() or theirs.is_truncated() or not self.fits_additional(ours, theirs)):
            return "size", q._replace(is_tcp=True)
        if q.type == "ANY" and ours.answer and theirs.answer and ours.chain[0].type != theirs.chain[0].type:
            kind = ours.chain[0].type
            return "any", q._replace(is_tcp=True, type=kind if isinstance(kind, str) else f"TYPE{kind}")
        return None

    def see(self, reply):
        """So that the log shows that all of it came up."""
        last = reply.chain[-1].type if reply.chain else None
        kind = reply.status
        if kind == "NOERROR":
            kind = "referral" if reply.is_referral() else "NODATA" if reply.authority or not last else "data"
        if last == "CNAME":
            kind += " behind CNAME" if kind != "data" else ""
        self.seen[kind] += 1


def is_within(name, above):
    return name == above or name.endswith("." + above)


def glue(reply):
    """The servers below their own delegation, whose addresses must come along (RFC 9471)."""
    return {r.data for r in reply.authority if r.type == "NS" and is_within(r.data, r.name)}


def targets(reply):
    """Those of what is registered, which towns call i-1 and so on: their addresses come along if there is room."""
    found = {r.data.split()[-1] for r in reply.answer if r.type == "SRV"}
    return {name for name in found if name.startswith("i-") and len(found) <= TARGETS_MAX}


def agrees(q, name, ours, later):
    """Whether our first answer goes with the one to what was asked again."""
    limit = min(max(512, q.size), UDP_SIZE)
    if name == "any":
        return ours.answer == later.answer and ours.authority == later.authority
    if not ours.is_part_of(later):
        return False
    if ours.is_truncated():
        return len(later.octets) > limit
    missing = {r.name for r in later.additional - ours.additional}
    has_room = limit - len(ours.octets) >= ADDRESS_OCTETS
    return not missing & glue(ours) and not (missing and has_room)


def compare(judge, clients, questions):
    """None, or what differs, with both replies."""
    for q, (ours, theirs) in zip(questions, ask(clients, questions)):
        judge.see(ours)
        while True:
            allowed = judge.ask_again(q, ours, theirs)
            if not allowed:
                break
            name, other = allowed
            judge.used[name] += 1
            ((later, theirs),) = ask(clients, [other])
            if not agrees(q, name, ours, later):
                return other, "not the same as asked so: " + str(q) + ours.tell(), later, theirs
            q, ours = other, later
        what = judge.difference(ours, theirs)
        if what:
            return q, what, ours, theirs
    return None


# ---- towns ----


class Land(cmap.Daemon):
    """cmapd for towns: it gives all records of an answer."""

    def __init__(self):
        if os.access("/dev/shm", os.W_OK):  # disks' syncs would take longer than all else
            tempfile.tempdir = "/dev/shm"
        super().__init__(start=False, answers=0, fair_answers="false", udp_size=UDP_SIZE, udp_threads=1)
        self.zone_dir = os.path.join(self.dir, "zones")
        os.mkdir(self.zone_dir)
        self.configure(zone_dir=self.zone_dir)
        self.start()
        self.connection = self.connect()

    def call(self, operation, body=None):
        return cmap.call(self.connection, operation, body)

    def write(self, space, text):
        with open(os.path.join(self.zone_dir, space + ".zone"), "w", encoding="ascii") as out:
            out.write(text)

    def export(self, space):
        ran = self.ctl("export", space)
        equal((ran.status, ran.err), (0, ""), f"export {space}")
        return ran.out


def visit(judge, d, server, town, zones):
    """Asks all questions about a town."""
    questions = towns.Questions(town.rng, zones)
    judge.load(zones)
    with Client(d.address()) as our, Client(server.address) as their:
        for _ in range(QUESTIONS // WAITING):
            found = compare(judge, (our, their), [questions.one() for _ in range(WAITING)])
            if found:
                q, what, ours, theirs = found
                for space, text in zones.items():
                    tap.say(f"---- exported {space}\n{text}")
                raise AssertionError(f"CMAP_SEED={SEED} CMAP_TOWN={town.number}, {q}: {what}\n"
                                     f"cmapd: {ours.tell()}\nNSD: {theirs.tell()}")


def run_round(judge, d, path, numbers):
    made = [towns.Town(SEED, number) for number in numbers]
    for town in made:
        town.found(d)
    check("reload refused" not in d.reload(), "a file of ours was refused")
    check("without static records" not in d.logged(), "a file of ours was refused")
    exported = [{space: d.export(space) for space in town.spaces} for town in made]
    with nsd.Nsd(path, {space: text for zones in exported for space, text in zones.items()}, UDP_SIZE) as server:
        for town, zones in zip(made, exported):
            visit(judge, d, server, town, zones)


def test_the_same_answers_as_NSD():
    path = nsd.program()
    numbers = [ONLY_TOWN] if ONLY_TOWN else range(1, (PAIRS + QUESTIONS - 1) // QUESTIONS + 1)
    judge, began = Judge(), time.monotonic()
    tap.say(f"seed {SEED}")
    with Land() as d:
        for i in range(0, len(numbers), TOWNS):
            run_round(judge, d, path, numbers[i:i + TOWNS])
    tap.say(f"{len(numbers) * QUESTIONS} questions about {len(numbers)} registries in "
            f"{time.monotonic() - began:.1f} s")
    tap.say("; ".join(f"{what} {count}" for what, count in judge.seen.most_common()))
    for name, text in ALLOWED.items():
        tap.say(f"allowed {judge.used[name]:6} x {name}: {text}")
    if PAIRS >= 5000 and not ONLY_TOWN:
        equal(set(judge.used), set(ALLOWED), "what is allowed, and what is needed")


def test_the_allowed_differences_are_written_down():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "DIFFERENCES.md"), encoding="utf-8") as text:
        rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", text.read(), re.M)
    equal(dict(rows), ALLOWED)


tap.main(globals())
