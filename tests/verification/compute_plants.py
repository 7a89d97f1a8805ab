"""A difference for each rule about servers, flavors, key pairs and limits, which no other rule finds."""

from __future__ import annotations

from typing import Final

from tests.verification.planting import (
    PathChange,
    ReplyChange,
    drop,
    key,
    read,
    status,
    text,
    thing_key,
    things,
)

_ID: Final = r"servers/4\S+"
_V: Final = "OpenStack-API-Version=compute "
_ATTRIBUTES: Final = "OS-EXT-SRV-ATTR:"

_REVERSED: Final = things("servers", lambda servers: servers[::-1])
_WITHOUT_FIRST: Final = things("servers", lambda servers: servers[1:])

#: Rule about servers -> the requests that the cloud reads otherwise, and how.
_SERVER_REQUESTS: Final[dict[str, tuple[str, PathChange]]] = {
    "marker": (r"servers\?marker=\S*&limit=2", drop("marker")),
    "unknown marker": (r"servers\?marker=(9|nope)", drop("marker")),
    "limit 0": (r"servers\?limit=0 ", drop("limit")),
    "invalid limit": (r"v2.1/servers\?limit=(abc|-1|1.5|)  own", drop("limit")),
    "sort by created_at": ("sort_key=created_at", read("asc", "desc")),
    "sort by display_name": ("sort_key=display_name", read("display_name", "created_at")),
    "unknown sort key": (r"servers\?sort_key=(name|status)", drop("sort_key")),
    "unknown direction": (r"servers\?sort_dir=(up|ASC)", drop("sort_dir")),
    "sort by host": (r"servers\?sort_key=host", drop("sort_key")),
    "filter name": (r"servers\?name=[a-z]+ ", drop("name")),
    "name in other capitals": (r"servers\?name=[A-Z]+ ", drop("name")),
    "name as a pattern": (r"servers\?name=%5E", drop("name")),
    "invalid pattern": (r"servers\?name=(%28|%2A|) ", drop("name")),
    "filter status": (r"servers\?status=(ACTIVE|shutoff|ERROR|BUILD)  own", drop("status")),
    "several statuses": (r"servers\?status=ACTIVE&", drop("status")),
    "unknown status": (r"servers\?status=(bogus|UNKNOWN)  own", drop("status")),
    "unknown status since 2.38": (rf"servers\?status=(bogus|) {_V}2.40", drop("status")),
    "status DELETED": (r"servers\?status=DELETED", drop("status")),
    "filter image": (r"servers\?image=(2| )", drop("image")),
    "unknown image of servers": (r"servers\?image=9", drop("image")),
    "filter flavor": (r"servers\?flavor=\d", drop("flavor")),
    "unknown flavor of servers": (r"servers\?flavor=fake", drop("flavor")),
    "filter changes-since": (r"servers\?changes-since=2024", drop("changes-since")),
    "invalid changes-since": (r"v2.1/servers\?changes-since=(abc|2014| )", drop("changes-since")),
    "filter ip": (r"servers\?ip=", drop("ip")),
    "filter tags": (rf"servers\?tags=\S+ {_V}2.26", drop("tags")),
    "tags before 2.26": (r"servers\?tags=fake-nova  own", read("tags=", "name=")),
    "filter locked": (r"servers\?locked=", drop("locked")),
    "filters of an admin": (r"servers\?host=", read("host=", "name=")),
    "filter metadata": (r"servers\?metadata=", read("metadata=%7B%7D", "name=nope")),
    "all_tenants": (r"servers\?all_tenants=1", drop("all_tenants")),
    "unknown all_tenants": (r"servers\?all_tenants=bogus", drop("all_tenants")),
    "unknown parameter": (r"servers\?fake_nova_unknown=x  own", read("fake_nova_unknown=", "name=zz")),
    "unknown parameter since 2.75": (rf"servers\?fake\S+ {_V}2.75", drop("fake_nova_unknown")),
    "unknown server": (r"servers/(9\S+|nope|1)  own", read("/(9.*|nope|1)$", "")),
    "unknown key of metadata": ("servers/4.*/metadata/fake-nova", read("/fake-nova.*", "")),
    "unknown network": ("/ips/fake-nova", read("/fake-nova.*", "")),
    "no route": (r"servers(/|\.json)  own", read(r"(/|\.json)$", "")),
    "errors of /v2": (r"v2/servers\?", read(r"\?.*", "")),
}

#: Rule about servers -> the requests that the cloud answers otherwise, and what it makes of the response.
_SERVER_RESPONSES: Final[dict[str, tuple[str, ReplyChange]]] = {
    "order of lists": (r"servers/detail\?limit=50", _REVERSED),
    "which are listed": (r"v2.1/servers  own", _WITHOUT_FIRST),
    "pages": (r"servers\?limit=1  own", key("servers_links", None)),
    "link to the next page": (r"servers\?limit=1&name=", text("&name=.", "")),
    "one server": (rf"{_ID}2  own", status(404)),
    "id in capitals": (r"servers/4\S*AB01", status(404)),
    "query at one server": (rf"{_ID}\?limit=abc", status(400)),
    "fields by microversion": (rf"{_ID} {_V}2.73", status(406)),
    "metadata": (rf"{_ID}/metadata  own", key("plain", "x")),
    "one key of metadata": (r"metadata/contact  own", key("contact", "x")),
    "addresses": (r"/ips  own", key("version", 5)),
    "tags": (rf"/tags {_V}2.26", key("tags", [])),
    "no tags before 2.26": (r"servers/\S+/tags  own", status(200)),
    "/v2": (r"v2/servers(/detail)?  own", _WITHOUT_FIRST),
}

#: As _SERVER_REQUESTS, for the other rules.
_OTHER_REQUESTS: Final[dict[str, tuple[str, PathChange]]] = {
    "flavors: unknown marker": (r"flavors\?marker=fake", drop("marker")),
    "flavors: invalid limit": (r"flavors\?limit=(abc|-1)", drop("limit")),
    "flavors: filter minRam": (r"flavors\?minRam=\d+ ", drop("minRam")),
    "flavors: filter minDisk": (r"flavors\?minDisk=", drop("minDisk")),
    "flavors: invalid minRam": (r"flavors\?minRam=(abc|1.5)", drop("minRam")),
    "flavors: sort by name": (r"flavors\?sort_key=name", read("desc", "asc")),
    "flavors: unknown direction": (r"flavors\?sort_dir=up", drop("sort_dir")),
    "flavors: unknown flavor": (r"flavors/fake-nova-unknown", read("fake-nova-unknown", "1")),
    "flavors: unknown extra spec": (r"extra_specs/fake", read("/fake-nova", "")),
    "key pairs: unknown key pair": (r"keypairs/fake", read("/fake.*", "")),
    "key pairs: pages since 2.35": (rf"keypairs\?limit=1 {_V}2.40", drop("limit")),
    "key pairs: unknown marker": (r"keypairs\?marker=nope", drop("marker")),
    "key pairs: other users": (r"keypairs\?user_id", drop("user_id")),
    "limits: other projects": (r"limits\?tenant_id", drop("tenant_id")),
    "quotas: other projects": (r"os-quota-sets/9{32}", read("9{32}", "9c53a566cb3443ab910cf0daebca90c4")),
    "unknown extension": (r"extensions/fake", read("fake-nova", "os-keypairs")),
}


def _first(name: str) -> ReplyChange:
    """Leave all things of a list out but the first."""
    return things(name, lambda listed: listed[:1])


#: As _SERVER_RESPONSES, for the other rules.
_OTHER_RESPONSES: Final[dict[str, tuple[str, ReplyChange]]] = {
    "flavors: which are listed": (r"flavors  own", _first("flavors")),
    "flavors: order of lists": (r"flavors/detail", things("flavors", lambda flavors: flavors[::-1])),
    "flavors: pages": (r"flavors\?limit=1 ", key("flavors_links", None)),
    "flavors: marker": (r"flavors\?marker=1 ", things("flavors", lambda _: [])),
    "flavors: is_public": (r"flavors\?is_public", _first("flavors")),
    "flavors: one flavor": (rf"flavors/1 {_V}2.61", status(404)),
    "flavors: extra specs": (r"extra_specs  own", key("extra_specs", {"a": "b"})),
    "key pairs: which are listed": (r"v2.1/os-keypairs  own", _first("keypairs")),
    "key pairs: one key pair": (rf"keypairs/laptop {_V}2.2 ", status(404)),
    "key pairs: no pages before": (r"keypairs\?limit=1  own", _first("keypairs")),
    "limits: maxima": (r"limits  own", key("maxTotalCores", 1)),
    "limits: in use": (r"limits  own", key("totalCoresUsed", 99)),
    "limits: by microversion": (rf"limits {_V}2.57", key("maxTotalCores", None)),
    "quotas: one's own": (r"os-quota-sets/9c\w+  own", key("cores", 1)),
    "quotas: by microversion": (rf"os-quota-sets/9c\w+ {_V}2.57", key("cores", None)),
    "quotas: the defaults": (r"os-quota-sets/9c\w+/defaults", key("cores", None)),
    "extensions": (r"extensions  own", text("os-keypairs", "os-pairs")),
    "one extension": (r"extensions/os-keypairs", key("description", "x")),
    "availability zones": (r"availability-zone  own", text("availabilityZoneInfo", "zones")),
    "details of availability zones": (r"availability-zone/detail", status(200)),
}

#: Rule about a part of servers, flavors or key pairs -> the list, the key, and its value in the cloud.
_PARTS: Final = {
    "names of servers": ("servers", "name", "x"),
    "status of servers": ("servers", "OS-EXT-STS:power_state", 7),
    "times of servers": ("servers", "updated", "2001-01-01T00:00:00Z"),
    "owners of servers": ("servers", "user_id", "x"),
    "flavors of servers": ("servers", "flavor", {}),
    "images of servers": ("servers", "image", "x"),
    "addresses of servers": ("servers", "addresses", {}),
    "metadata of servers": ("servers", "description", "x"),
    "disks of servers": ("servers", "config_drive", "x"),
    "locks and key names of servers": ("servers", "key_name", "x"),
    "hosts and zones of servers": ("servers", "OS-EXT-AZ:availability_zone", "x"),
    "faults of servers": ("servers", "fault", {}),
    "links of servers": ("servers", "links", []),
    "attributes of servers": ("servers", "scheduler_hints", {"group": ["x"]}),
    "other keys of servers": ("servers", "kind", 1),
    "names of flavors": ("flavors", "name", "x"),
    "sizes of flavors": ("flavors", "rxtx_factor", 7),
    "extra specs of flavors": ("flavors", "description", "x"),
    "links of flavors": ("flavors", "links", []),
    "other keys of flavors": ("flavors", "kind", 1),
    "keys of key pairs": ("keypairs", "fingerprint", "x"),
    "other keys of key pairs": ("keypairs", "kind", 1),
}

COMPUTE_REQUESTS: Final = {
    **{f"servers: {name}": row for name, row in _SERVER_REQUESTS.items()},
    **_OTHER_REQUESTS,
}

COMPUTE_RESPONSES: Final[dict[str, tuple[str, ReplyChange]]] = {
    **{f"servers: {name}": row for name, row in _SERVER_RESPONSES.items()},
    **_OTHER_RESPONSES,
    **{rule: (row[0].replace("keyp", "os-keyp"), thing_key(*row)) for rule, row in _PARTS.items()},
}
