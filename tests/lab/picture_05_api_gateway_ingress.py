# SPDX-License-Identifier: MIT
"""
Picture 5: ingress by an API gateway through a VPC link.

    client -> gateway 172.31.0.10   (node with @aws-sdk/client-servicediscovery)
                |  DiscoverInstances, QueryParameters: version = v1 or v2, HealthStatus: HEALTHY
    orders.internal   v1: 172.31.16.1:8080, 172.31.32.1:8080      v2: 172.31.16.2:8080, 172.31.32.2:8080

The gateway looks its targets up by the API, not by DNS, and by what they have registered about themselves. It calls
http://cmap.internal:8053, and discovers at data-cmap.internal as this client insists; cmapd answers for both names.
"""

import collections

import lab
import node
import signed
from lab import check, equal

SERVICE = "orders.internal"
TASKS = {"v1-a": "172.31.16.1", "v1-b": "172.31.32.1", "v2-a": "172.31.16.2", "v2-b": "172.31.32.2"}


def start():
    node_program = node.program()
    vpc = lab.Vpc()
    vpc.cmapd.service(SERVICE, [("A", 5)], HealthCheckCustomConfig={"FailureThreshold": 1})
    for task, address in TASKS.items():
        vpc.task(task, address, 8080)
        vpc.cmapd.register(SERVICE, task, address, port=8080, version=task[:2])
    gateway = vpc.host("gateway", "172.31.0.10")
    program = gateway.start("gateway", node_program, lab.own("gateway.mjs"), node.SDK, lab.API,
                            env=signed.environment())
    program.wait(lambda: "ready" in program.said(), "it serves")
    vpc.host("client", "172.31.0.20")
    return vpc


def served(vpc, version, times=20):
    """How often which task answered."""
    urls = [f"http://{vpc.hosts['gateway'].address}/{version}"] * times
    return collections.Counter(vpc.hosts["client"].get(*urls).split())


def discovered(vpc):
    found = vpc.cmapd.call("DiscoverInstances", {"NamespaceName": "internal", "ServiceName": "orders"})
    return found["InstancesRevision"]


def test_each_version_is_served_by_its_own_tasks(vpc):
    lab.even(served(vpc, "v1"), ["v1-a", "v1-b"])
    lab.even(served(vpc, "v2"), ["v2-a", "v2-b"])


def test_a_version_that_nobody_has_is_not_served(vpc):
    said = vpc.hosts["client"].run("curl", "-sS", "--max-time", "10", "http://172.31.0.10/v3")
    equal(said.out, "nobody serves this version\n")


def test_an_unhealthy_task_gets_nothing_until_it_is_well(vpc):
    for status, tasks in (("UNHEALTHY", ["v2-b"]), ("HEALTHY", ["v2-a", "v2-b"])):
        vpc.cmapd.call("UpdateInstanceCustomHealthStatus", {
            "ServiceId": vpc.cmapd.find(SERVICE), "InstanceId": "v2-a", "Status": status})
        lab.even(served(vpc, "v2"), tasks)
        lab.even(served(vpc, "v1"), ["v1-a", "v1-b"])


def test_a_deployment_moves_a_task_from_one_version_to_the_next(vpc):
    """Each request is served throughout, and the revision only ever grows."""
    before = discovered(vpc)
    vpc.cmapd.register(SERVICE, "v1-b", TASKS["v1-b"], port=8080, version="v2")
    equal(sorted(served(vpc, "v1")), ["v1-a"])
    equal(sorted(served(vpc, "v2", 30)), ["v1-b", "v2-a", "v2-b"])
    between = discovered(vpc)
    vpc.cmapd.deregister(SERVICE, "v2-a")
    equal(sorted(served(vpc, "v2")), ["v1-b", "v2-b"])
    check(before < between < discovered(vpc), "the revision grows")


if __name__ == "__main__":
    lab.main(globals(), start)
