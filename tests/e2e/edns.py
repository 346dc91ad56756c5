# SPDX-License-Identifier: MIT
"""edns.py -- what the options of EDNS get from the real cmapd, as clients ask for them: cookies, NSID, errors told."""

import os
import re
import struct

import cmap
import tap
import wire
from tap import check, equal

NSID, COOKIE, KEEPALIVE, EDE = 3, 10, 11, 15
CLIENT = b"abcdefgh"


def start():
    d = cmap.Daemon(namespace=["prod"], server_id="unit-7", server_version="cmap of test")
    d.service("web.prod", [("A", 60)])
    d.register("web.prod", "i-1", ipv4="10.0.0.1")
    return d


def option(code, data=b""):
    return struct.pack("!HH", code, len(data)) + data


def options(reply):
    """The options of a reply's OPT record, which ends it, by their codes."""
    message = wire.Message(reply)
    check(message.opt is not None and message.is_whole, reply.hex())
    # Its owner, type and size are octets that no option here holds.
    at = reply.rindex(b"\0" + struct.pack("!HH", 41, message.opt.size)) + 9
    left, found = reply[at + 2:], {}
    equal(len(left), int.from_bytes(reply[at:at + 2], "big"), "RDLENGTH")
    while left:
        code, length = struct.unpack("!HH", left[:4])
        check(code not in found and len(left) >= 4 + length, reply.hex())
        found[code], left = left[4:4 + length], left[4 + length:]
    return found


def ask(d, wanted, name="web.prod", qtype="A", tcp=False, source=None):
    """A reply and its options."""
    query = wire.query(name, qtype, edns=wire.opt(options=wanted))
    if tcp:
        with wire.Tcp(d.address()) as client:
            reply = client.ask(query)
    else:
        with wire.Udp(d.address(), source=source) as client:
            reply = client.ask(query)
    return wire.Message(reply), options(reply)


def good_cookies(d):
    return d.status()["Counters"]["CookiesGood"]


def is_good(d, cookie, **how):
    before = good_cookies(d)
    message, found = ask(d, option(COOKIE, cookie), **how)
    equal(message.values(), ["10.0.0.1"], "without a good cookie, too")
    equal(found[COOKIE][:8], CLIENT)
    return good_cookies(d) - before == 1


def test_a_server_cookie_is_given_and_known_again(d):
    _, found = ask(d, option(COOKIE, CLIENT))
    cookie = found[COOKIE]
    equal((len(cookie), cookie[:8], cookie[8:12]), (24, CLIENT, b"\1\0\0\0"))
    check(is_good(d, cookie), "it is good")
    check(is_good(d, cookie, tcp=True), "over TCP, too")
    equal(ask(d, option(COOKIE, cookie))[1][COOKIE], cookie, "a fresh one stays")
    check(not is_good(d, cookie, source="127.0.0.9"), "good for nobody else")
    check(not is_good(d, cookie[:-1] + bytes([cookie[-1] ^ 1])), "not with another bit")
    check(not is_good(d, CLIENT), "a client's alone is none")


def test_a_cookie_may_be_all_that_is_asked_for(d):
    with wire.Udp(d.address()) as client:
        reply = client.ask(wire.header(7, 0, ar=1) + wire.opt(options=option(COOKIE, CLIENT)))
    message = wire.Message(reply)
    equal((message.id, message.status, message.question, message.answer), (7, "NOERROR", [], []))
    check(is_good(d, options(reply)[COOKIE]), "it is good")


def test_dig_keeps_its_cookie(d):
    before = good_cookies(d)
    text = d.dig("web.prod", "A", "+cookie=" + CLIENT.hex()).text
    cookie = re.search(r"^; COOKIE: ([0-9a-f]{48}) \(good\)$", text, re.M)
    check(cookie, text)
    d.dig("web.prod", "A", "+cookie=" + cookie.group(1))
    equal(good_cookies(d), before + 1)


def test_a_new_secret_costs_nobody_his_cookie():
    with cmap.Daemon(start=False, namespace=["prod"]) as d:
        path = os.path.join(d.dir, "secrets")

        def write(*secrets):
            with open(path, "w", encoding="ascii") as out:
                out.write("".join(f"{secret}\n" for secret in secrets))

        one, two, three = ("%032x" % (0x1234567890ABCDEF * n) for n in (1, 2, 3))
        write(one)
        d.configure(cookie_secrets=path)
        d.start()
        d.service("web.prod", [("A", 60)])
        d.register("web.prod", "i-1", ipv4="10.0.0.1")
        cookie = ask(d, option(COOKIE, CLIENT))[1][COOKIE]
        check(is_good(d, cookie), "before")
        # First the new one is known, then it is used, then the old one is forgotten.
        for secrets, good in (((one, two), True), ((two, one), True), ((two, three), False)):
            write(*secrets)
            check("reloaded" in d.reload(), "reloaded")
            equal(is_good(d, cookie), good, f"with {secrets}")
        d.restart()
        later = ask(d, option(COOKIE, CLIENT))[1][COOKIE]
        d.restart()
        check(is_good(d, later), "a restart forgets no secret of the file")


def test_without_cookies_none_is_given():
    with cmap.Daemon(namespace=["prod"], cookies="false") as d:
        d.service("web.prod", [("A", 60)])
        d.register("web.prod", "i-1", ipv4="10.0.0.1")
        message, found = ask(d, option(COOKIE, CLIENT))
        equal((message.values(), found), (["10.0.0.1"], {}))


def test_NSID_is_told_when_asked_for(d):
    equal(ask(d, option(NSID))[1], {NSID: b"unit-7"})
    equal(ask(d, option(NSID) * 50 + option(COOKIE, CLIENT) * 2)[1].keys(), {NSID, COOKIE})
    equal(ask(d, b"")[1], {})
    check('("unit-7")' in d.dig("web.prod", "A", "+nsid").text, "dig shows it")


def test_keepalive_is_told_over_TCP_alone(d):
    equal(ask(d, option(KEEPALIVE), tcp=True)[1], {KEEPALIVE: struct.pack("!H", 100)})
    equal(ask(d, option(KEEPALIVE))[1], {})


def test_a_reason_is_told_where_one_helps(d):
    for name, qtype, reason in (("example.org", "A", 20), ("prod", "AXFR", 21), ("prod", 251, 21),
                                ("web.prod", "A", None), ("no.prod", "A", None)):
        for tcp in (False, True):
            found = ask(d, b"", name, qtype, tcp=tcp)[1]
            equal(found, {} if reason is None else {EDE: struct.pack("!H", reason)}, name)
    check("EDE: 20 (Not Authoritative)" in d.dig("example.org").text, "dig shows it")


def test_class_CH_tells_what_is_configured(d):
    for name, text in (("id.server", "unit-7"), ("hostname.bind", "unit-7"), ("version.bind", "cmap of test")):
        answer = d.dig(name, "TXT", "-c", "CH")
        equal((answer.status, answer.values()), ("NOERROR", [f'"{text}"']))
    equal(d.dig("authors.bind", "TXT", "-c", "CH").status, "REFUSED")
    with cmap.Daemon() as silent:
        for name in ("id.server", "version.bind"):
            answer = silent.dig(name, "TXT", "-c", "CH")
            equal((answer.status, answer.values()), ("REFUSED", []))


if __name__ == "__main__":
    tap.main(globals(), start)
