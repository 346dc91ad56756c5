# SPDX-License-Identifier: MIT
"""health.py -- unhealthy instances, and weights: what the API says of them and what the DNS gives."""

import collections
import json

import cmap
import tap
from tap import equal


def start():
    d = cmap.Daemon(namespace=["prod"], api="127.0.0.1:0", udp_threads=1)
    d.service("web.prod", [("A", 60), ("SRV", 60)], HealthCheckCustomConfig={})
    for i in (1, 2, 3):
        d.register("web.prod", f"i-{i}", ipv4=f"10.0.0.{i}", port=8000 + i)
    d.service("one.prod", [("A", 60)], routing="WEIGHTED")
    for i, weight in ((1, "5"), (2, "3"), (3, "1")):
        d.register("one.prod", f"i-{i}", ipv4=f"10.1.0.{i}", CMAP_WEIGHT=weight)
    return d


def tell(d, instance, status):
    service = d.find("web.prod")
    equal(d.call("UpdateInstanceCustomHealthStatus",
                 {"ServiceId": service, "InstanceId": instance, "Status": status}), {})


def addresses(d, name="web.prod"):
    return sorted(d.dig(name).values())


def test_the_DNS_has_followed_when_the_API_answers(d):
    equal(addresses(d), ["10.0.0.1", "10.0.0.2", "10.0.0.3"])
    tell(d, "i-2", "UNHEALTHY")
    equal(addresses(d), ["10.0.0.1", "10.0.0.3"])
    equal(sorted(v.split()[2] for v in d.dig("web.prod", "SRV").values()), ["8001", "8003"])
    tell(d, "i-1", "UNHEALTHY")
    tell(d, "i-3", "UNHEALTHY")
    equal(addresses(d), ["10.0.0.1", "10.0.0.2", "10.0.0.3"], "none is healthy, so all are given")
    tell(d, "i-2", "HEALTHY")
    equal(addresses(d), ["10.0.0.2"])


def test_it_is_no_change_of_the_instances(d):
    def revision():
        return d.call("DiscoverInstancesRevision", {"NamespaceName": "prod", "ServiceName": "web"})["InstancesRevision"]

    before = revision()
    for status in ("UNHEALTHY", "HEALTHY", "UNHEALTHY"):
        tell(d, "i-1", status)
        equal(revision(), before)
    tell(d, "i-1", "HEALTHY")


def test_it_outlives_a_kill(d):
    tell(d, "i-1", "UNHEALTHY")
    tell(d, "i-2", "HEALTHY")
    tell(d, "i-3", "UNHEALTHY")
    d.kill()
    d.start()
    equal(addresses(d), ["10.0.0.2"])
    service = d.find("web.prod")
    equal(d.call("GetInstancesHealthStatus", {"ServiceId": service}),
          {"Status": {"i-1": "UNHEALTHY", "i-2": "HEALTHY", "i-3": "UNHEALTHY"}})


def test_weights_say_how_often_one_is_given(d):
    given = collections.Counter()
    for _ in range(45):
        got = d.ask("one.prod").values()
        equal(len(got), 1)
        given[got[0]] += 1
    equal(given, {"10.1.0.1": 25, "10.1.0.2": 15, "10.1.0.3": 5})


def test_aws(d):
    aws = tap.need("aws", "awscli")
    environment = dict(cmap.environment(), AWS_ACCESS_KEY_ID="AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY="secret",
                       AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null", AWS_PAGER="",
                       AWS_DEFAULT_REGION="eu-central-1", AWS_EC2_METADATA_DISABLED="true")
    command = [aws, "--endpoint-url", "http://%s:%d" % d.addresses("http")[0], "servicediscovery"]
    for i in (1, 2, 3):
        tell(d, f"i-{i}", "HEALTHY")
    ran = cmap.run(*command, "update-instance-custom-health-status", "--service-id", d.find("web.prod"),
                   "--instance-id", "i-3", "--status", "UNHEALTHY", env=environment, timeout=60)
    equal((ran.status, ran.err), (0, ""))
    equal(addresses(d), ["10.0.0.1", "10.0.0.2"])
    ran = cmap.run(*command, "get-instances-health-status", "--service-id", d.find("web.prod"), "--instances", "i-3",
                   env=environment, timeout=60)
    equal(json.loads(ran.out), {"Status": {"i-3": "UNHEALTHY"}})


if __name__ == "__main__":
    tap.main(globals(), start)
