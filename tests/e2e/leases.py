# SPDX-License-Identifier: MIT
"""leases.py -- how long a registration lives: on time and never longer, kept by renewal, whatever the store does.

No test here waits for a fixed time and hopes. Of each query it is known between which two moments it was answered,
of each lease between which two it began; what is checked follows from these however slow the machine is. cmapd
counts in whole milliseconds.
"""

import threading
import time

import cmap
import tap
from tap import check, equal

GRAIN = 0.001


def start():
    d = cmap.Daemon(namespace=["prod"])
    d.service("web.prod", [("A", 60)])
    return d


class Lease:
    """A registration with a lease of so many seconds: it ends between earliest and latest."""

    def __init__(self, d, name, instance, seconds, **attributes):
        self.d, self.name, self.instance, self.seconds = d, name, instance, seconds
        began = time.monotonic()
        d.register(name, instance, lease=f"{seconds}s", **attributes)
        self.between(began)

    def between(self, began):
        self.earliest, self.latest = began + self.seconds, time.monotonic() + self.seconds

    def renew(self):
        began = time.monotonic()
        equal(self.d.renew((self.name, self.instance)), {"Renewed": 1, "Failed": []})
        self.between(began)


def watch(lease, ask):
    """
    Asks until the lease must have ended. ask() is true while the instance is given out. A question asked after the
    latest end must find nothing, one answered before the earliest must find it.
    """
    while True:
        sent = time.monotonic()
        there = ask()
        answered = time.monotonic()
        if answered < lease.earliest - GRAIN:
            check(there, f"gone {lease.earliest - answered:.3f} s before its lease ended")
        if sent > lease.latest:
            check(not there, f"there {sent - lease.latest:.3f} s after its lease ended")
            return
        time.sleep(0.005)


def remaining(d, name, instance):
    return d.instances(name)[instance]["LeaseRemainingMs"] / 1000


# ---- expiry ----


def test_an_instance_is_given_out_until_its_lease_ends_and_not_after(d):
    lease = Lease(d, "web.prod", "i-1", 2, ipv4="10.0.0.1")
    watch(lease, lambda: "10.0.0.1" in d.ask("web.prod").values())
    answer = d.dig("web.prod")
    equal((answer.status, answer.answer, answer.authority[0].type), ("NOERROR", [], "SOA"))
    equal(d.instances("web.prod"), {})


def test_the_API_forgets_it_at_the_same_moment(d):
    lease = Lease(d, "web.prod", "i-1", 1, ipv4="10.0.0.1")
    ask = {"NamespaceName": "prod", "ServiceName": "web"}
    watch(lease, lambda: d.call("DiscoverInstances", ask)["Instances"])
    error = d.refused("GetInstance", {"ServiceId": d.find("web.prod"), "InstanceId": "i-1"})
    equal((error.status, error.type), (400, "InstanceNotFound"))
    # And it leaves the registry itself, within a second if the machine has time.
    tap.wait_until(lambda: d.status()["Instances"] == 0, "the registry forgets it")
    check(time.monotonic() < lease.latest + 10, "long after its lease")


def test_the_target_of_an_SRV_record_goes_with_it(d):
    d.service("srv.prod", [("SRV", 60)])
    lease = Lease(d, "srv.prod", "i-1", 1, ipv4="10.0.0.1", port=80)
    watch(lease, lambda: d.ask("srv.prod", "SRV").answer)
    equal(d.ask("i-1.srv.prod").answer, [])
    tap.wait_until(lambda: d.dig("i-1.srv.prod").status == "NXDOMAIN", "the name of the target is gone")


def test_others_stay_when_one_expires(d):
    d.service("mixed.prod", [("A", 60)])
    d.register("mixed.prod", "stays", ipv4="10.0.0.1")
    Lease(d, "mixed.prod", "long", 60, ipv4="10.0.0.2")
    lease = Lease(d, "mixed.prod", "short", 1, ipv4="10.0.0.3")
    watch(lease, lambda: "10.0.0.3" in d.ask("mixed.prod").values())
    equal(sorted(d.dig("mixed.prod").values()), ["10.0.0.1", "10.0.0.2"])
    equal(set(d.instances("mixed.prod")), {"stays", "long"})


def test_an_address_of_two_instances_stays_until_the_later_lease_ends(d):
    d.service("shared.prod", [("A", 60)])
    Lease(d, "shared.prod", "i-1", 1, ipv4="10.0.0.1")
    later = Lease(d, "shared.prod", "i-2", 3, ipv4="10.0.0.1")
    watch(later, lambda: d.ask("shared.prod").answer)


def test_500_leases_end_together(d):
    d.service("many.prod", [("A", 60)])
    connection = d.connect()
    service = d.find("many.prod")
    for i in range(500):
        cmap.call(connection, "RegisterInstance", {
            "ServiceId": service, "InstanceId": f"i-{i}",
            "Attributes": {"AWS_INSTANCE_IPV4": f"10.1.{i // 250}.{i % 250 + 1}", "CMAP_LEASE": "2s"}})
    end = time.monotonic() + 2
    connection.close()
    tap.wait_until(lambda: time.monotonic() > end, "the last lease has ended")
    equal(d.ask("many.prod").answer, [])
    equal(d.instances("many.prod"), {})
    tap.wait_until(lambda: d.status()["Leased"] <= 2, "the registry forgets them")  # two of an earlier test


def test_without_a_lease_it_stays(d):
    d.service("still.prod", [("A", 60)])
    d.register("still.prod", "i-1", ipv4="10.0.0.1")
    listed = d.instances("still.prod")["i-1"]
    check("LeaseMs" not in listed and "LeaseRemainingMs" not in listed, listed)
    lease = Lease(d, "still.prod", "i-2", 1, ipv4="10.0.0.2")
    watch(lease, lambda: "10.0.0.2" in d.ask("still.prod").values())
    equal(d.dig("still.prod").values(), ["10.0.0.1"])


# ---- renewal ----


def test_renewal_keeps_it(d):
    lease = Lease(d, "web.prod", "i-1", 3, ipv4="10.0.0.1")
    first_end = lease.latest
    while time.monotonic() < first_end + 1:
        lease.renew()
        sent = time.monotonic()
        left = remaining(d, "web.prod", "i-1")
        check(left <= lease.latest - sent + GRAIN, f"{left} s left of a lease of 3 s")
        check(left >= lease.earliest - time.monotonic() - GRAIN, f"only {left} s left after a renewal")
        equal(d.ask("web.prod").values(), ["10.0.0.1"])
        time.sleep(0.2)
    lease = Lease(d, "web.prod", "i-1", 1, ipv4="10.0.0.1")  # the shorter lease counts from now on
    watch(lease, lambda: d.ask("web.prod").answer)


def test_renewals_are_not_written_one_by_one(d):
    d.register("web.prod", "i-1", ipv4="10.0.0.1", lease="1h")
    revision = d.status()["Revision"]
    for _ in range(300):
        equal(d.renew(("web.prod", "i-1"))["Renewed"], 1)
    moved = d.status()["Revision"] - revision
    check(moved <= 10, f"{moved} changes of the registry by 300 renewals")  # now and then they are saved


def test_cmapctl_renews(d):
    equal(d.ctl("register", "web.prod", "--id", "i-1", "--ip", "10.0.0.1", "--lease", "1h").status, 0)
    tap.wait_until(lambda: remaining(d, "web.prod", "i-1") < 3599.9, "some of it is over")
    began = time.monotonic()
    equal(d.ctl("renew", "web.prod", "i-1"), cmap.Ran(0, "", ""))
    left = remaining(d, "web.prod", "i-1")
    check(left >= 3600 - (time.monotonic() - began) - GRAIN, f"{left} s left")
    d.deregister("web.prod", "i-1")


def test_RenewLeases_of_many(d):
    d.service("fleet.prod", [("A", 60)])
    connection = d.connect()
    for i in range(200):
        cmap.call(connection, "RegisterInstance", {
            "ServiceId": d.find("fleet.prod"), "InstanceId": f"i-{i}",
            "Attributes": {"AWS_INSTANCE_IPV4": f"10.2.0.{i + 1}", "CMAP_LEASE": "100s"}})
    connection.close()
    tap.wait_until(lambda: max(i["LeaseRemainingMs"] for i in d.instances("fleet.prod").values()) < 99950,
                   "all have lost a little")
    began = time.monotonic()
    ids = [{"ServiceId": d.find("fleet.prod"), "InstanceId": f"i-{i}"} for i in range(0, 200, 2)]
    names = [{"ServiceName": "fleet.prod", "InstanceId": f"i-{i}"} for i in range(1, 200, 2)]
    equal(d.call("Cmap_v1.RenewLeases", {"Leases": ids + names}), {"Renewed": 200, "Failed": []})
    left = min(i["LeaseRemainingMs"] for i in d.instances("fleet.prod").values()) / 1000
    check(left >= 100 - (time.monotonic() - began) - GRAIN, f"{left} s left")


def test_RenewLeases_tells_what_it_could_not_renew(d):
    d.service("part.prod", [("A", 60)])
    d.register("part.prod", "good", ipv4="10.0.0.1", lease="60s")
    d.register("part.prod", "none", ipv4="10.0.0.2")
    ident = d.find("part.prod")
    answer = d.call("Cmap_v1.RenewLeases", {"Leases": [
        {"ServiceName": "part.prod", "InstanceId": "no"},
        {"ServiceName": "part.prod", "InstanceId": "none"},
        {"ServiceId": ident, "InstanceId": "good"},
        {"ServiceName": "other.prod", "InstanceId": "good"},
        {"ServiceName": "part.elsewhere", "InstanceId": "good"},
        {"ServiceId": "srv-aaaaaaaaaaaaaaaa", "InstanceId": "good"},
        {"InstanceId": "good"},
        {"ServiceId": ident, "ServiceName": "part.prod", "InstanceId": "good"}]})
    equal(answer["Renewed"], 1)
    equal([(f["Index"], f["InstanceId"], f["__type"], f["Message"]) for f in answer["Failed"]], [
        (0, "no", "InstanceNotFound", "Service 'part' has no instance 'no'."),
        (1, "none", "InvalidInput", "Instance 'none' has no lease."),
        (3, "good", "ServiceNotFound", "no service 'other' in namespace 'prod'"),
        (4, "good", "NamespaceNotFound", "no namespace holds 'part.elsewhere'"),
        (5, "good", "ServiceNotFound", "No service has the id 'srv-aaaaaaaaaaaaaaaa'."),
        (6, "good", "InvalidInput", "A lease must have either ServiceId or ServiceName."),
        (7, "good", "InvalidInput", "A lease must have either ServiceId or ServiceName.")])


def test_a_lease_that_has_ended_cannot_be_renewed(d):
    lease = Lease(d, "web.prod", "i-1", 1, ipv4="10.0.0.1")
    tap.wait_until(lambda: time.monotonic() > lease.latest, "its end")
    answer = d.renew(("web.prod", "i-1"))
    equal((answer["Renewed"], answer["Failed"][0]["__type"]), (0, "InstanceNotFound"))


def test_registering_again_renews(d):
    first = Lease(d, "web.prod", "i-1", 2, ipv4="10.0.0.1")
    second = Lease(d, "web.prod", "i-1", 4, ipv4="10.0.0.1")
    while time.monotonic() < first.latest + 0.5:
        there = d.ask("web.prod").values()
        check(there == ["10.0.0.1"] or time.monotonic() > second.earliest, f"{there} after registering again")
    watch(second, lambda: d.ask("web.prod").answer)


def test_the_same_request_again_renews(d):
    request = {"ServiceId": d.find("web.prod"), "InstanceId": "i-1", "CreatorRequestId": "once",
               "Attributes": {"AWS_INSTANCE_IPV4": "10.0.0.1", "CMAP_LEASE": "1h"}}
    operation = d.call("RegisterInstance", request)
    tap.wait_until(lambda: remaining(d, "web.prod", "i-1") < 3599.9, "some of it is over")
    began = time.monotonic()
    equal(d.call("RegisterInstance", request), operation)
    left = remaining(d, "web.prod", "i-1")
    check(left >= 3600 - (time.monotonic() - began) - GRAIN, f"{left} s left")


def test_registering_without_a_lease_ends_it(d):
    lease = Lease(d, "web.prod", "i-1", 1, ipv4="10.0.0.1")
    d.register("web.prod", "i-1", ipv4="10.0.0.1")
    if time.monotonic() > lease.earliest:
        raise tap.Skip("this machine is too slow now to tell")
    tap.wait_until(lambda: time.monotonic() > lease.latest + 0.2, "its end")
    equal(d.dig("web.prod").values(), ["10.0.0.1"])
    d.deregister("web.prod", "i-1")


# ---- TTL ----


def test_no_TTL_is_longer_than_what_is_left_of_a_lease(d):
    d.service("ttl.prod", [("A", 60), ("SRV", 60)])
    d.register("ttl.prod", "long", ipv4="10.0.0.1", port=1)
    equal(d.dig("ttl.prod").answer[0].ttl, 60)
    lease = Lease(d, "ttl.prod", "short", 4, ipv4="10.0.0.2", port=2)
    seen = set()
    while time.monotonic() < lease.earliest:
        for qtype in ("A", "SRV"):
            sent = time.monotonic()
            answer = d.ask("ttl.prod", qtype)
            answered = time.monotonic()
            if answered > lease.earliest:
                continue
            records = answer.answer + answer.additional
            ttls = {r.ttl for r in records}
            equal(len(ttls), 1, f"one TTL in {records}")
            ttl = ttls.pop()
            check(ttl <= lease.latest - sent + GRAIN, f"TTL {ttl}, {lease.latest - sent:.3f} s left")
            check(ttl >= int(lease.earliest - answered - GRAIN), f"TTL {ttl}, {lease.earliest - answered:.3f} s left")
            seen.add(ttl)
        time.sleep(0.01)
    check(min(seen) <= 3, f"TTLs {seen}")
    tap.wait_until(lambda: time.monotonic() > lease.latest, "its end")
    equal([r.ttl for r in d.dig("ttl.prod").answer], [60])


# ---- the store ----


def test_an_expired_instance_is_gone_while_the_store_hangs(d):
    d.service("stuck.prod", [("A", 60)])
    d.register("stuck.prod", "stays", ipv4="10.0.0.1")
    with cmap.SlowStore(d, 4):
        # Both begin before the store is made to hang by another registration, which nobody acknowledges meanwhile.
        # (The first of them hangs itself; the lease begins when it is acknowledged.)
        lease = Lease(d, "stuck.prod", "leaves", 2, ipv4="10.0.0.2")
        began = time.monotonic()
        times = []

        def register():
            d.register("stuck.prod", "late", ipv4="10.0.0.3")
            times.append(time.monotonic())

        other = threading.Thread(target=register)
        other.start()
        watch(lease, lambda: "10.0.0.2" in d.ask("stuck.prod").values())
        if not times:
            equal(d.dig("stuck.prod").values(), ["10.0.0.1"])
            state = d.status()["Store"]["State"]
            listed = set(d.instances("stuck.prod"))
            check(times or (listed == {"stays"} and state == "waiting"), f"{listed}, the store is {state}")
        other.join()
        check(times[0] - began >= 4, f"acknowledged after {times[0] - began:.3f} s, before it was on disk")
    equal(sorted(d.dig("stuck.prod").values()), ["10.0.0.1", "10.0.0.3"])
    tap.wait_until(lambda: d.status()["Store"]["State"] == "ok" and set(d.instances("stuck.prod")) ==
                   {"stays", "late"}, "the store works again")


# ---- restart ----


def restarted_leases_are_full(end):
    with cmap.Daemon(namespace=["prod"]) as d:
        d.service("web.prod", [("A", 60)])
        d.register("web.prod", "long", ipv4="10.0.0.1", lease="100s")
        d.register("web.prod", "short", ipv4="10.0.0.2", lease="3s")
        d.register("web.prod", "none", ipv4="10.0.0.3")
        tap.wait_until(lambda: remaining(d, "web.prod", "long") < 99, "some of it is over")
        end(d)
        began = time.monotonic()
        d.start()
        sent = time.monotonic()
        there = d.instances("web.prod")
        for instance, seconds in (("long", 100), ("short", 3)):
            if time.monotonic() < began + seconds:
                left = there[instance]["LeaseRemainingMs"] / 1000
                check(left >= seconds - (time.monotonic() - began) - GRAIN, f"{instance}: {left} s left")
                check(left <= seconds, f"{instance}: {left} s left")
        check("LeaseMs" not in there["none"], there["none"])
        # What came back expires in its turn.
        lease = object.__new__(Lease)
        lease.earliest, lease.latest = began + 3, sent + 3
        watch(lease, lambda: "10.0.0.2" in d.ask("web.prod").values())
        equal(sorted(d.dig("web.prod").values()), ["10.0.0.1", "10.0.0.3"])


def test_a_restart_gives_leases_their_full_term():
    restarted_leases_are_full(lambda d: d.stop())


def test_so_does_a_restart_after_kill_9():
    restarted_leases_are_full(lambda d: d.kill())


if __name__ == "__main__":
    tap.main(globals(), start)
