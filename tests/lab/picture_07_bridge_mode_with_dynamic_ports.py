# SPDX-License-Identifier: MIT
"""
Picture 7: bridge mode with dynamic ports.

    host-1  172.31.16.1                      host-2  172.31.16.2
      :47760 -> b-1  172.17.0.2:80             :50077 -> b-3  172.17.0.2:80
      :45283 -> b-2  172.17.0.3:80             :52330 -> b-4  172.17.0.3:80

Containers on a bridge inside each host, which gives each a free port of its own address. Only SRV records can tell of
them: a port each, and a target each that has an address. haproxy and caddy in another subnet take all four from there.
"""

import lab
from lab import equal

HOSTS = {"host-1": ("172.31.16.1", {"b-1": 47760, "b-2": 45283}),
         "host-2": ("172.31.16.2", {"b-3": 50077, "b-4": 52330})}
TASKS = ["b-1", "b-2", "b-3", "b-4"]
SERVICE = "_http._tcp.service-b.internal"

HAPROXY = f"""
defaults
    mode http
    option redispatch 1
    timeout connect 2s
    timeout client 5s
    timeout server 5s
resolvers cmap
    nameserver cmapd 172.31.0.2:53
    accepted_payload_size 4096
    timeout resolve 200ms
    timeout retry 200ms
    hold obsolete 1s
frontend front
    bind :8080
    default_backend tasks
backend tasks
    balance roundrobin
    server-template task 10 {SERVICE} resolvers cmap resolve-prefer ipv4 init-addr none check inter 200ms
"""

CADDY = f"""{{
    admin off
    auto_https off
}}
http://:8081 {{
    reverse_proxy {{
        lb_policy round_robin
        dynamic srv {SERVICE} {{
            refresh 200ms
            resolvers 172.31.0.2:53
        }}
    }}
}}
"""


def start():
    vpc = lab.Vpc()
    for name, (address, ports) in HOSTS.items():
        host = vpc.host(name, address)
        containers = vpc.containers(host, {task: f"172.17.0.{i}" for i, task in enumerate(ports, 2)})
        for container, port in zip(containers, ports.values()):
            container.serve(container.name)
            lab.publish(host, port, container)
            vpc.ctl("register", SERVICE, "--id", container.name, "--ip", address, "--port", str(port))
    vpc.host("balancer", "172.31.32.10")
    vpc.host("client", "172.31.32.9")
    return vpc


def test_SRV_tells_each_port_and_the_address_of_each_target(vpc):
    answer = vpc.hosts["client"].dig(SERVICE, "SRV")
    equal(sorted(answer.values()), sorted(f"1 1 {port} {task}.{SERVICE}." for _, ports in HOSTS.values()
                                          for task, port in ports.items()))
    equal({r.name: r.data for r in answer.additional},
          {f"{task}.{SERVICE}.": address for address, ports in HOSTS.values() for task in ports})


def test_each_target_can_be_resolved_by_itself(vpc):
    for address, ports in HOSTS.values():
        for task, port in ports.items():
            equal(vpc.hosts["client"].getent(f"{task}.{SERVICE}"), [address])
            equal(vpc.hosts["client"].connect(1, f"{task}.{SERVICE}", port), {task: 1})


def test_A_gives_each_host_once(vpc):
    equal(sorted(vpc.hosts["client"].dig(SERVICE).values()), ["172.31.16.1", "172.31.16.2"])


def test_haproxy_reaches_every_port(vpc):
    vpc.hosts["balancer"].start("haproxy", "haproxy", "-db", "-f", vpc.write("haproxy.cfg", HAPROXY))
    lab.balanced(vpc.hosts["client"], vpc.hosts["balancer"].address, 8080, TASKS)


def test_caddy_reaches_every_port(vpc):
    vpc.hosts["balancer"].start("caddy", "caddy", "run", "--adapter", "caddyfile", "--config",
                                vpc.write("Caddyfile", CADDY), env=dict(lab.environment(), HOME=vpc.cmapd.dir))
    lab.balanced(vpc.hosts["client"], vpc.hosts["balancer"].address, 8081, TASKS)


def test_a_container_that_is_replaced_is_reached_at_its_new_port(vpc):
    client, balancer, host = vpc.hosts["client"], vpc.hosts["balancer"], vpc.hosts["host-1"]
    host.output("nft", "flush chain ip docker in")
    for task, port in (("b-1", 49153), ("b-2", 45283)):
        lab.publish(host, port, vpc.hosts[task])
    vpc.ctl("register", SERVICE, "--id", "b-1", "--ip", host.address, "--port", "49153")
    equal([v for v in client.dig(SERVICE, "SRV").values() if "b-1" in v], [f"1 1 49153 b-1.{SERVICE}."])
    for port, program in ((8080, "haproxy"), (8081, "caddy")):
        if any(program == p.name for p in balancer.programs):
            lab.balanced(client, balancer.address, port, TASKS)


if __name__ == "__main__":
    lab.main(globals(), start)
