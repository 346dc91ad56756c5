# SPDX-License-Identifier: MIT
"""
Picture 11: access to foreign services by name, through a NAT gateway.

    internet  203.0.113.53, 203.0.113.54      name servers of everything that is not ours
       |  203.0.113.1, the NAT gateway
    cmapd  172.31.0.2                         forward = {"203.0.113.53", "203.0.113.54"}
       |
    client-a  172.31.16.3    client-b  172.31.32.9      web  172.31.16.1, a task of ours

A task pulls its image and writes to its bucket under names that nobody in here has registered. It needs no other
resolver for that: cmapd asks the first name server outside, over TCP what is too large for UDP, and the second one if
the first is silent. The names of ours stay here, whatever happens outside.
"""

import itertools
import time

import internet
import lab
from lab import check, equal, wait_until

fresh = (f"bucket-{i}.s3.us-east-1.amazonaws.com" for i in itertools.count())  # names not yet asked for
S3 = "203.0.113.101"


def start():
    vpc = lab.Vpc(forward=[internet.SERVER, internet.SECOND], forward_timeout="300ms")
    outside = vpc.internet()
    outside.serve_zones()
    outside.serve("the internet")
    vpc.task("web", "172.31.16.1")
    vpc.ctl("register", "web.internal", "--id", "web", "--ip", "172.31.16.1")
    vpc.host("client-a", "172.31.16.3")
    vpc.host("client-b", "172.31.32.9")
    return vpc


def test_foreign_and_own_names_are_found_by_one_resolver(vpc):
    for client in (vpc.hosts["client-a"], vpc.hosts["client-b"]):
        equal(client.getent("www.example.com"), [internet.SITE])
        equal(client.get(f"http://{next(fresh)}/"), "the internet")
        equal(client.get("http://alias.example.com/"), "the internet")
        equal(client.get("http://web.internal/"), "web")


def test_what_is_not_there_is_not_there(vpc):
    answer = vpc.hosts["client-a"].dig("none.example.com")
    equal((answer.status, answer.values()), ("NXDOMAIN", []))
    answer = vpc.hosts["client-a"].dig("sts.us-east-1.amazonaws.com", "AAAA")
    equal((answer.status, answer.values()), ("NOERROR", []))
    check("ra" in answer.flags and "aa" not in answer.flags, f"an answer that was forwarded: {answer.flags}")


def test_the_internet_is_asked_by_the_gateway_from_many_ports(vpc):
    outside = vpc.hosts["internet"]
    before = len(outside.seen("ports"))
    for _ in range(20):
        equal(vpc.hosts["client-a"].dig(next(fresh)).values(), ["s3.us-east-1.amazonaws.com.", S3])
    equal(outside.seen("strangers"), [internet.ROUTER])
    check(len(outside.seen("ports")) - before >= 18, "a port of its own for each query")
    equal(outside.counted("second"), 0, "queries to the second server, as long as the first one answers")


def test_an_answer_is_kept_for_all_clients(vpc):
    name, outside = next(fresh), vpc.hosts["internet"]
    before = outside.counted("first")
    for client in ("client-a", "client-b", "client-a"):
        equal(vpc.hosts[client].getent(name), [S3])
    equal(outside.counted("first") - before, 1, "queries outside")


def test_an_answer_too_large_for_UDP_comes_over_TCP(vpc):
    outside, client = vpc.hosts["internet"], vpc.hosts["client-a"]
    before = outside.counted("streams")
    answer = client.dig("crowd.example.com")
    equal((answer.transport, sorted(answer.values())), ("TCP", sorted(internet.CROWD)))
    equal(outside.counted("streams") - before, 1, "connections through the gateway")
    equal(sorted(client.getent("crowd.example.com")), sorted(internet.CROWD))


def test_the_second_server_answers_when_the_first_is_silent(vpc):
    outside, client = vpc.hosts["internet"], vpc.hosts["client-a"]
    outside.silence(internet.SERVER)
    for _ in range(3):
        began = time.monotonic()
        equal(client.getent(next(fresh)), [S3])
        check(time.monotonic() - began < 1, "within a second")
    began = time.monotonic()
    equal(client.getent(next(fresh)), [S3])
    check(time.monotonic() - began < 0.25, "the silent one is passed over by now")
    check(outside.counted("second") >= 4, "the second one was asked")


def test_the_first_server_is_asked_again_when_it_is_back(vpc):
    outside, client = vpc.hosts["internet"], vpc.hosts["client-a"]
    outside.silence()
    before = outside.counted("first")
    wait_until(lambda: client.getent(next(fresh)) == [S3] and outside.counted("first") > before, "it is asked")
    second = outside.counted("second")
    wait_until(lambda: client.getent(next(fresh)) == [S3] and outside.counted("first") > before + 1, "and again")
    equal(outside.counted("second"), second, "queries to the second one")


def test_when_both_are_silent_there_are_old_answers_and_our_own_names(vpc):
    outside, client = vpc.hosts["internet"], vpc.hosts["client-b"]
    equal(client.getent("brief.example.com"), [internet.SITE])
    outside.silence(internet.SERVER, internet.SECOND)
    wait_until(lambda: "EDE: 3 " in client.dig("brief.example.com", "A", "+time=5").text, "an answer past its time")
    equal(client.getent("brief.example.com"), [internet.SITE])
    equal(client.dig(next(fresh), "A", "+time=6", "+tries=1").status, "SERVFAIL")
    equal(client.connect(20, "web.internal"), {"web": 20})
    outside.silence()
    wait_until(lambda: client.dig(next(fresh)).status == "NOERROR", "the internet is back")


if __name__ == "__main__":
    lab.main(globals(), start)
