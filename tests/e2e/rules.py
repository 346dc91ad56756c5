# SPDX-License-Identifier: MIT
"""
rules.py -- what Cloud Map's service model and cmap's own rules let pass, said once more, for hostile.py.

The patterns are the model's, as it has them; nothing here was taken from cmapd.
"""

import ipaddress
import re

INPUT, SERIAL = "InvalidInput", "SerializationException"
MOST_ATTRIBUTES, MOST_TAGS = 30, 50

HTTP = r"^(?!arn:)[!-~]{1,1024}$"
PRIVATE = r"^(?!arn:)[!-~]{1,253}$"
PUBLIC = r"^([a-zA-Z0-9]([a-zA-Z0-9\-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z0-9]([a-zA-Z0-9\-]{0,61}[a-zA-Z0-9])?$"
LABEL = r"([a-zA-Z0-9_][a-zA-Z0-9\-_]{0,61}[a-zA-Z0-9_]|[a-zA-Z0-9])"
SERVICE = rf"((?=^.{{1,127}}$)^{LABEL}(\.{LABEL})*$)|(^\.$)"
INSTANCE = r"^[0-9a-zA-Z_/:.@-]+$"
KEY = r"^[a-zA-Z0-9!-~]+$"
VALUE = r"^([a-zA-Z0-9!-~][ \ta-zA-Z0-9!-~]*){0,1}[a-zA-Z0-9!-~]{0,1}$"
ANYTHING = r"(?s).*"
TAG = r"[a-zA-Z0-9 +\-=._:/@\u0080-\U0010ffff]*"  # letters of any script: cmapd takes all that is not ASCII for one
DURATION = r"0|[0-9]+(ms|s|m|h|d)"


def matches(pattern, text):
    """In a model $ is the end; Python's would let a line feed stand behind it."""
    return re.match(pattern.replace("$", r"\Z"), text) is not None


# ---- shapes: what is asked of a request before anything is looked for ----


class Text:
    def __init__(self, most, pattern=ANYTHING, least=0, required=False):
        self.most, self.pattern, self.least, self.required = most, pattern, least, required

    def faults(self, value):
        if not isinstance(value, str):
            yield SERIAL
        elif not self.least <= len(value) <= self.most or not matches(self.pattern, value):
            yield INPUT


class List:
    def __init__(self, element, most, least=0, required=False):
        self.element, self.most, self.least, self.required = element, most, least, required

    def faults(self, value):
        if not isinstance(value, list):
            yield SERIAL
            return
        if not self.least <= len(value) <= self.most:
            yield INPUT
        for item in value:
            yield from [INPUT] if item is None else self.element.faults(item)


class Map:
    def __init__(self, key, element, most=1 << 30, least=0, required=False):
        self.key, self.element, self.most, self.least, self.required = key, element, most, least, required

    def faults(self, value):
        if not isinstance(value, dict):
            yield SERIAL
            return
        if not self.least <= len(value) <= self.most:
            yield INPUT
        for key, item in value.items():
            yield from self.key.faults(key)
            yield from [INPUT] if item is None else self.element.faults(item)


class Struct:
    def __init__(self, required=False, **members):
        self.required, self.members = required, members

    def faults(self, value):
        if not isinstance(value, dict):
            yield SERIAL
            return
        for name, member in self.members.items():
            if value.get(name) is not None:
                yield from member.faults(value[name])
            elif member.required:
                yield INPUT


ARN = Text(255, required=True)
REQUEST_ID, DESCRIPTION = Text(64), Text(1024)
TAG_LIST = List(Struct(Key=Text(128, least=1, required=True), Value=Text(256, required=True)), 200)
NEW_NAMESPACE = {"CreatorRequestId": REQUEST_ID, "Description": DESCRIPTION, "Tags": TAG_LIST}
SHAPES = {
    "CreateHttpNamespace": Struct(Name=Text(1024, HTTP, required=True), **NEW_NAMESPACE),
    "CreatePrivateDnsNamespace": Struct(Name=Text(253, PRIVATE, required=True), Vpc=Text(64, required=True), **NEW_NAMESPACE),
    "CreatePublicDnsNamespace": Struct(Name=Text(253, PUBLIC, required=True), **NEW_NAMESPACE),
    "CreateService": Struct(Name=Text(127, SERVICE, required=True), NamespaceId=Text(255), CreatorRequestId=REQUEST_ID,
                            Description=DESCRIPTION, Tags=TAG_LIST),
    "RegisterInstance": Struct(ServiceId=ARN, InstanceId=Text(64, INSTANCE, required=True), CreatorRequestId=REQUEST_ID,
                               Attributes=Map(Text(255, KEY), Text(1024, VALUE), required=True)),
    "TagResource": Struct(ResourceARN=Text(1011, least=1, required=True),
                          Tags=List(TAG_LIST.element, 200, required=True)),
    "UntagResource": Struct(ResourceARN=Text(1011, least=1, required=True),
                            TagKeys=List(Text(128, least=1), 200, required=True)),
    "UpdateServiceAttributes": Struct(ServiceId=ARN, Attributes=Map(Text(255), Text(1024), 30, least=1, required=True)),
    "DeleteServiceAttributes": Struct(ServiceId=ARN, Attributes=List(Text(255), 30, least=1, required=True)),
    "UpdateHttpNamespace": Struct(Id=ARN, UpdaterRequestId=REQUEST_ID, Namespace=Struct(
        required=True, Description=Text(1024, required=True))),
    "UpdatePrivateDnsNamespace": Struct(Id=ARN, UpdaterRequestId=REQUEST_ID, Namespace=Struct(
        required=True, Description=DESCRIPTION)),
    "UpdatePublicDnsNamespace": Struct(Id=ARN, UpdaterRequestId=REQUEST_ID, Namespace=Struct(
        required=True, Description=DESCRIPTION)),
    # What only names something, and what is said of it if it is not there.
    "GetNamespace": Struct(Id=ARN), "DeleteNamespace": Struct(Id=ARN), "GetService": Struct(Id=ARN),
    "DeleteService": Struct(Id=ARN), "ListInstances": Struct(ServiceId=ARN, NextToken=Text(4096)),
    "GetInstance": Struct(ServiceId=ARN, InstanceId=Text(64, required=True)),
    "DeregisterInstance": Struct(ServiceId=ARN, InstanceId=Text(64, required=True)),
    "GetOperation": Struct(OperationId=Text(255, required=True)),
    "GetServiceAttributes": Struct(ServiceId=ARN), "ListTagsForResource": Struct(
        ResourceARN=Text(1011, least=1, required=True)),
    "DiscoverInstances": Struct(NamespaceName=Text(1024, r"^[!-~]{1,1024}$", required=True),
                                ServiceName=Text(127, SERVICE, required=True),
                                QueryParameters=Map(Text(255, KEY), Text(1024, VALUE))),
    "ListNamespaces": Struct(NextToken=Text(4096)), "ListOperations": Struct(NextToken=Text(4096)),
    "Cmap_v1.FindService": Struct(Name=Text(1152, least=1, required=True)),
}


def shape_fault(operation, value):
    """None, or the one error of a request that is JSON."""
    faults = set(SHAPES[operation].faults(value))
    return SERIAL if SERIAL in faults else INPUT if faults else None


# ---- names in the DNS ----


def lower(text):
    """ASCII only: the Kelvin sign is no k."""
    return text.translate({ord(c): c.lower() for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"})


def fold(name):
    return lower(name[:-1] if name.endswith(".") else name)


def is_domain_name(name):
    """RFC 1035 s2.3.4; no backslash, so that a name reads alike everywhere."""
    name = fold(name)
    return 1 <= len(name) <= 253 and all(1 <= len(label) <= 63 and "\\" not in label for label in name.split("."))


def is_host_name(name):
    return is_domain_name(name) and matches(r"^[a-zA-Z0-9\-_.]*$", name)


# ---- tags and attributes ----


def tags_fault(tags):
    """tags: as a request has them, which has passed its shape."""
    keys = [tag["Key"] for tag in tags]
    is_good = len(set(keys)) == len(keys) and not any(lower(key).startswith("aws:") for key in keys) and all(
        re.fullmatch(TAG, text) for tag in tags for text in (tag["Key"], tag["Value"]))
    return None if is_good else INPUT


def address(text, kind):
    """None if it is no address of one host."""
    try:
        found = kind(text)
    except ValueError:
        return None
    if "%" in text or found.is_multicast or found.is_unspecified or str(found) == "255.255.255.255":
        return None
    return found


def is_number(text, most):
    return matches(r"^[0-9]+$", text) and 1 <= int(text) <= most


def is_lease(text):
    if not re.fullmatch(DURATION, text):
        return False
    number, unit = re.fullmatch(r"([0-9]+)(.*)", text).groups()
    return 1000 <= int(number) * {"": 0, "ms": 1, "s": 1000, "m": 60000, "h": 3600000, "d": 86400000}[unit] <= 7 * 86400000


RESERVED = {
    "AWS_INSTANCE_IPV4": lambda text: address(text, ipaddress.IPv4Address) is not None,
    "AWS_INSTANCE_IPV6": lambda text: address(text, ipaddress.IPv6Address) is not None,
    "AWS_INSTANCE_PORT": lambda text: is_number(text, 65535),
    "AWS_INSTANCE_CNAME": is_host_name,
    "CMAP_LEASE": is_lease,
    "CMAP_WEIGHT": lambda text: is_number(text, 255),
}


def attributes_fault(attributes, records, is_http):
    """Of an instance of a service with these types of records; attributes have passed their shape."""
    custom = [key for key in attributes if not key.startswith(("AWS_", "CMAP_"))]
    if len(custom) > MOST_ATTRIBUTES or sum(len(k) + len(v) for k, v in attributes.items()) > 5000:
        return INPUT
    if any(key.startswith("CMAP_") and key not in RESERVED for key in attributes):
        return INPUT
    if any(not is_good(attributes[key]) for key, is_good in RESERVED.items() if key in attributes):
        return INPUT
    if "AWS_EC2_INSTANCE_ID" in attributes and not is_http or "AWS_INIT_HEALTH_STATUS" in attributes:
        return INPUT
    needed = {"SRV": ["AWS_INSTANCE_PORT"], "CNAME": ["AWS_INSTANCE_CNAME"]}
    if any(key not in attributes for kind in records for key in needed.get(kind, [])):
        return INPUT
    families = {"AWS_INSTANCE_IPV4", "AWS_INSTANCE_IPV6"} if "SRV" in records or {"A", "AAAA"} <= set(records) else {
        {"A": "AWS_INSTANCE_IPV4", "AAAA": "AWS_INSTANCE_IPV6"}[kind] for kind in records if kind in ("A", "AAAA")}
    return INPUT if families and not families & set(attributes) else None
