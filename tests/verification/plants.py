"""A difference for each rule, which that rule finds, and no other one."""

from __future__ import annotations

from typing import Final

from tests.verification import compute_plants
from tests.verification.planting import (
    REFUSAL,
    REVERSED,
    WITHOUT_FIRST,
    PathChange,
    Plant,
    ReplyChange,
    body,
    drop,
    header,
    image_key,
    key,
    next_link_text,
    read,
    status,
    text,
    ties_reversed,
    without_link,
)

Row = tuple[str, str, PathChange | ReplyChange]

_UNKNOWN: Final = "99999999-0000"
_ID: Final = "20000000-[-0-9a-f]+"
_V: Final = "OpenStack-API-Version=compute "

#: Rule of the compute service -> the requests that it answers otherwise, and how it reads them.
COMPUTE_REQUESTS: Final[dict[str, tuple[str, PathChange]]] = {
    "marker": (r"detail\?marker=|limit=2&marker", drop("marker")),
    "unknown marker": (r"images\?marker=(9|nope)", drop("marker")),
    "invalid limit": (r"2\.1/images\?limit=(0|-1|abc|1\.5|%2B1|)  own", drop("limit")),
    "limit with a zero in front": (r"limit=02", read("02", "0")),
    "limit twice": ("limit=3&limit=1", read("&limit=1", "")),
    "offset": (
        "offset=1&limit=2",
        read("offset=1&limit=2", "marker=20000000-0000-4000-8000-000000000030&limit=2"),
    ),
    "invalid offset": (r"offset=(abc|0|) ", drop("offset")),
    "page_size": ("page_size=1 ", read("page_size", "limit")),
    "invalid page_size": ("page_size=(abc|0)", drop("page_size")),
    "filter name": (r"\?name=(from|server)[-a-z]* ", drop("name")),
    "name in other capitals": (r"name=(FROM|SERVER)", drop("name")),
    "name with other accents": (r"name=(fr%C3|%C3)", drop("name")),
    "name with blanks": (r"name=(\+from|from-the-future(\+|%09))", read(r"\+|%09", "")),
    "name that no image has": ("name=(fake|%25)(?!.*&)", drop("name")),
    "empty name": (r"images\?name= ", drop("name")),
    "several names": (r"images\?name=in%3Af", read("%2C.*", "")),
    "unknown operator": ("name=(neq|like|a)%3A", read(r"\w+%3A", "")),
    "filter status by Glance's words": (r"status=(active|Active|deactivated) ", drop("status")),
    "filter status by Nova's words": ("status=(SAVING|ERROR|DELETED)", read("SAVING", "in:saving,queued")),
    "filter status UNKNOWN": ("status=UNKNOWN", read("UNKNOWN", "importing")),
    "unknown status": (r"status=(bogus|) ", drop("status")),
    "several statuses": ("status=in", read("%2C.*", "")),
    "status with a blank": (r"status=active\+", read(r"\+", "x")),
    "filter changes-since": (r"changes-since=20..-01-..T0.%3A..%3A..Z", drop("changes-since")),
    "formats of changes-since": (r"changes-since=2038(?!-01-19T03%3A14%3A0[78]Z)", drop("changes-since")),
    "invalid changes-since": (r"changes-since=(abc|0|2014|gt|) ?", read("=abc", "=2014")),
    "filter minRam": (r"minRam=(1024|512|2147483647) ", read("=.*", "=0")),
    "filter minDisk": (r"minDisk=(40|20|2147483647) ", read("=.*", "=0")),
    "minRam is equality": (r"minRam=1 ", read("minRam=", "property-min_ram_min=")),
    "minDisk is equality": (r"minDisk=1 ", read("minDisk=", "property-min_disk_min=")),
    "numbers in texts": (r"minRam=(0x10|abc|0MB|) ", read("=.*", "=1")),
    "numbers with a fraction": (r"minDisk=0[.e]", read("0.4", "0")),
    "filter server": ("server=(not|http)", drop("server")),
    "unknown server": ("server=9", drop("server")),
    "filter type": ("type=base", drop("type")),
    "unknown type": ("type=fake", drop("type")),
    "filter by a property": ("property-(image_(location=s|state)|user_id)", read("property-", "ignored-")),
    "letters stripped from a key": (r"property-o\w+=", read(r"\?.*", "?limit=500")),
    "property in other capitals": ("property-image_location=S", read("=.*", "=x")),
    "key of a property in capitals": ("property-INSTANCE", read("=.*", "=x")),
    "unknown property": ("property-fake", read("property-", "ignored-")),
    "property- with a name of Glance's": (
        "property-(visibility=public|size_min)",
        read("property-", "ignored-"),
    ),
    "unknown property-visibility": ("property-visibility=fake", read("property-", "ignored-")),
    "parameters without effect": (r"(NAME|minram|owner|fields)=fake", read("NAME=", "name=")),
    "name twice": ("name=fake-nova-unknown&", read("&name=.*", "")),
    "semicolon": ("offset=1;limit", read(";.*", "")),
    "one image": (rf"images/{_ID}4  own", read("images/", "images/x")),
    "unknown image": (
        rf"images/(nope|1|{_UNKNOWN}-4000-8000-000000000000)  own",
        read("nope", "20000000-0000-4000-8000-000000000003"),
    ),
    "id in capitals": (r"GET /v2.1/images/\S*B  own", lambda path: path[:-1] + "b0"),
    "id with a blank": (r"images/\S*%20", read("%20", "")),
    "query at one image": (r"images/\S*\?limit=abc", read(r"/2.*\?", "?")),
    "unknown metadata key": ("metadata/fake-nova", read("/fake-nova.*", "")),
    "metadata key in other capitals": (
        "metadata/INSTANCE_UUID",
        lambda path: path.replace("INSTANCE_UUID", "instance_uuid"),
    ),
    "metadata of an unknown image": (
        f"{_UNKNOWN}.*/metadata",
        read("99999999-0000-4000-8000-000000000000", "20000000-0000-4000-8000-000000000003"),
    ),
    "other project in the path": ("/v2.1/9999.*/images", read("/9{32}", "")),
    "no project in the path": ("not-a-project", read("/not-a-project", "")),
    "no route": (r"/v2.1/(nothing|images/|images.json|images/detail/)  own", read(r"(/|\.json)$", "")),
    "two slashes": ("2.1//", read("//images", "/nothing")),
}

#: Rule of the compute service -> the requests that it answers otherwise, and what it makes of the response.
COMPUTE_RESPONSES: Final[dict[str, tuple[str, ReplyChange]]] = {
    "order of lists": (r"images(/detail|\?limit=50)  own", REVERSED),
    "order of ties": (r"GET /v2.1/images(/detail)?  own", ties_reversed),
    "which images are listed": (r"GET /v2.1/images  own", WITHOUT_FIRST),
    "pages": (r"GET /v2.1/images\?limit=1  own", without_link),
    "all pages": (r"limit=(\{count/3\}|13) ", without_link),
    "the last page": (r"limit=(\{count\}|41) ", without_link),
    "limit above the maximum": (r"limit=(501|1001|2000|100000)", status(403)),
    "link to the next page": (r"limit=1&page_size=2&minRam=0", text("&minRam=0", "")),
    "marker in capitals": (r"marker=20000000\S*B ", REFUSAL),
    "metadata": (r"1b/metadata(/instance_uuid)?  own", key("instance_uuid", "x")),
    "project in the path": (r"/v2.1/9c53\w+/images", status(400)),
    "HEAD": ("HEAD", status(405)),
    "OPTIONS": ("OPTIONS", status(404)),
    "/v2": (r" /v2/images(/detail)?\?limit=1  own", status(404)),
    "errors of /v2": (rf" /v2/images(/{_UNKNOWN}|\?limit=abc)", status(404)),
    "no token": (r"images  none", text("requires authentication", "needs a token")),
    "unknown token": ("gAAAA", text("requires authentication", "needs a token")),
    "query that is not UTF-8": ("%ff", status(200)),
    "list of versions": (r"GET /  none", text("CURRENT", "SUPPORTED")),
    "version document": (r"GET /v2(.1)?/  own", key("media-types", [])),
    "newest microversion": (r"GET /v2.1/  own", text("2.104", "2.95")),
    "choices of versions": (r"GET /(v3/|images)  own", key("choices", [])),
    "last microversion with images": (f"{_V}2.35", status(404)),
    "first microversion without images": (f"limit=1 {_V}2.36 own", status(200)),
    "bad limit without images": (f"limit=abc {_V}2.36", status(400)),
    "last microversion with metadata": (f"{_V}2.38", status(404)),
    "first microversion without metadata": (f"metadata {_V}2.39 own", status(200)),
    "unsupported microversion": (f"{_V}(2.999|1.1)", text("Minimum is 2.1", "Minimum is 2.0")),
    "malformed microversion": (f"{_V}(abc|2 |2.01)", text("invalid format", "no format")),
    "latest microversion": (f"{_V}latest", status(200)),
    "microversion of another service": ("volume", status(406)),
    "several microversions": (f"{_V}2.36, compute", status(404)),
    "old header of a microversion": ("X-OpenStack-Nova-API-Version=2.36", status(200)),
    "microversions at /v2": (r"/v2/images\S* OpenStack-API-Version", status(404)),
    "header Content-Type": ("", header("Content-Type", "text/json")),
    "headers of request ids": ("", header("x-compute-request-id", None)),
    "headers of microversions": ("", header("X-OpenStack-Nova-API-Version", None)),
    "header WWW-Authenticate": ("", header("WWW-Authenticate", "Basic")),
    "headers Location and Allow": (
        r"images  own",
        lambda reply: reply._replace(headers=[*reply.headers, ("Allow", "GET")]),
    ),
    "names of images": ("", image_key("name", "x")),
    "status and progress": ("", image_key("progress", 7)),
    "times of images": (rf"images/{_ID}  own", image_key("created", "2001-01-01T00:00:00Z")),
    "minRam and minDisk": ("", image_key("minRam", 7)),
    "size": ("", image_key("OS-EXT-IMG-SIZE:size", 7)),
    "metadata of images": (rf"images(/detail|/{_ID})  own", image_key("metadata", {})),
    "links of images": ("", image_key("links", [])),
    "server of an image": (rf"images/{_ID}  own", image_key("server", {})),
    "diskConfig": (rf"images/{_ID}  own", image_key("OS-DCF:diskConfig", "x")),
    "other keys of images": (rf"images/{_ID}  own", image_key("kind", 1)),
    "path of the link to the next page": (r"limit=2  own", next_link_text("/v2.1/", "/proxy/v2.1/")),
    "keys of lists": (r"GET /v2.1/images  own", body(lambda content: {**content, "total": 3})),
}

#: As COMPUTE_REQUESTS, of the image service.
IMAGE_REQUESTS: Final[dict[str, tuple[str, PathChange]]] = {
    "number of images in a page": (r"images  own", read("images", "images?limit=20")),
    "marker": (r"limit=2&marker=|marker=\S+&limit=1  own", drop("marker")),
    "unknown marker": (r"marker=(9|nope)", drop("marker")),
    "limit 0": (r"limit=0 ", read("limit=0", "limit=1")),
    "invalid limit": (r"limit=(-1|abc|1.5|)  own", drop("limit")),
    "sort by status": (r"sort=status%3A(asc|desc)&", drop("sort")),
    "sort by size": (r"sort=size%3A(asc|desc)&", drop("sort")),
    "sort by updated_at": (r"sort=updated_at%3A(asc|desc)&", drop("sort")),
    "sort by disk_format": (r"sort=disk_format%3A", drop("sort")),
    "sort by container_format": (r"sort=container_format%3A", drop("sort")),
    "sort by id": (r"sort=id%3A", drop("sort")),
    "sort by min_ram": (r"sort=min_ram%3A", drop("sort")),
    "sort by min_disk": (r"sort=min_disk%3A", drop("sort")),
    "two sort keys": (r"sort=status%3Aasc%2C", read("%2C.*", "%2Ccreated_at:asc&limit=100")),
    "sort_key and sort_dir": (r"\?sort_key=size(&sort_dir|  own)", drop("sort_key")),
    "unknown sort key": (r"sort=(nope|NAME|&)", drop("sort")),
    "unknown direction": (r"name%3Ax|sort_dir=x", read("name%3Ax", "name")),
    "sort and sort_key": (r"sort=name%3Aasc&sort_key", drop("sort_key")),
    "filter name": (r"name=(from|server)[-a-z]*&", drop("name")),
    "name in other capitals": (r"name=(FROM|SERVER)", drop("name")),
    "name with other accents": (r"name=(fr%C3|%C3)", drop("name")),
    "name with blanks": (r"name=(\+from|from-the-future\+)", read(r"=\+", "=")),
    "empty name": (r"name=&", drop("name")),
    "several names": (r"name=in%3A", read("%2C[^&]*", "")),
    "operator eq": (r"name=eq", drop("name")),
    "unknown operator": (r"name=(neq|like)", drop("name")),
    "filter status": (r"status=(active|queued|deactivated)&", drop("status")),
    "status in other capitals": (r"status=(ACTIVE|Queued)", drop("status")),
    "unknown status": (r"status=bogus", drop("status")),
    "several statuses": (r"images\?status=in", read("%2C[^&]*", "")),
    "filter visibility": (r"visibility=(public|private|shared|community)", drop("visibility")),
    "visibility all": (r"visibility=all", read("=all", "=public")),
    "unknown visibility": (r"visibility=(PUBLIC|bogus)", drop("visibility")),
    "filter member_status": (r"member_status=(accepted|all)", read("=all", "=rejected")),
    "unknown member_status": (r"member_status=bogus", drop("member_status")),
    "filter owner": (r"owner=", drop("owner")),
    "filter os_hidden": (r"os_hidden=(true|false)", drop("os_hidden")),
    "unknown os_hidden": (r"os_hidden=bogus", drop("os_hidden")),
    "filter protected": (r"protected=(true|false)", drop("protected")),
    "unknown protected": (r"protected=bogus", drop("protected")),
    "filter disk_format": (r"disk_format=(raw|qcow2)", drop("disk_format")),
    "disk_format in other capitals": (r"disk_format=RAW", drop("disk_format")),
    "several disk_formats": (r"disk_format=in", read("%2C[^&]*", "")),
    "filter container_format": (r"container_format=bare", drop("container_format")),
    "filter min_ram": (r"min_ram=", drop("min_ram")),
    "filter min_disk": (r"min_disk=[24]\d*&", drop("min_disk")),
    "numbers in texts": (r"min_disk=(0x10|abc|0GB)", drop("min_disk")),
    "filter size": (r"\?size=", drop("size")),
    "filter size_min": (r"size_min=\d+&", drop("size_min")),
    "filter size_max": (r"size_max=", drop("size_max")),
    "filter min_ram_min": (r"min_ram_min=", drop("min_ram_min")),
    "filter min_disk_max": (r"min_disk_max=", drop("min_disk_max")),
    "size_min that is no number": (r"size_min=(abc|&|1.5)", drop("size_min")),
    "filter id": (r"\?id=", drop("id")),
    "filter checksum": (r"checksum=", drop("checksum")),
    "filter tag": (r"tag=(red|c.f|blue)", drop("tag")),
    "tag in other capitals": (r"tag=RED", drop("tag")),
    "unknown tag": (r"tag=fake", drop("tag")),
    "filter by a property": (r"(instance_uuid=not|image_type|image_location)", read(r"\?\w+=[^&]*&", "?")),
    "property in other capitals": (r"instance_uuid=NOT", drop("instance_uuid")),
    "key of a property in capitals": (r"INSTANCE_UUID", drop("INSTANCE_UUID")),
    "unknown property": (r"fake_nova_unknown", drop("fake_nova_unknown")),
    "filter created_at": (r"created_at=(gte?|lte?)%3A2038", drop("created_at")),
    "created_at by equality": (r"created_at=(2038|eq|neq)", drop("created_at")),
    "filter updated_at": (r"updated_at=(gte?|lte?)%3A2038", drop("updated_at")),
    "unknown operator of a time": (r"updated_at=(like|in)", drop("updated_at")),
    "invalid time": (r"created_at=(abc|gte%3A2014)", drop("created_at")),
    "changes-since": (r"changes-since=", drop("changes-since")),
}

#: As COMPUTE_RESPONSES, of the image service.
IMAGE_RESPONSES: Final[dict[str, tuple[str, ReplyChange]]] = {
    "order of lists": (r"images\?limit=50  own", REVERSED),
    "order of ties": (r"images\?limit=500  own", ties_reversed),
    "which images are listed": (r"images\?limit=1000  own", WITHOUT_FIRST),
    "pages": (r"images\?limit=1  own", without_link),
    "all pages": (r"limit=(\{count/3\}|13) ", without_link),
    "the last page": (r"limit=(\{count\}|41) ", without_link),
    "limit above the maximum": (r"limit=1001", status(400)),
    "link to the next page": (r"limit=1&size_min=0", next_link_text("&size_min=0", "")),
    "marker in capitals": (r"marker=\S*B ", REFUSAL),
    "sort by name": (r"sort=name%3A(asc|desc)&limit", WITHOUT_FIRST),
    "order of equal names": (r"sort=name%3A(asc|desc)&limit", ties_reversed),
    "one image": (rf"images/{_ID}4  own", status(404)),
    "unknown image": (
        rf"images/({_UNKNOWN}-4000-8000-000000000000|nope)  own",
        text("No image found", "No such image"),
    ),
    "id in capitals": (r"GET /v2/images/\S*B  own", status(404)),
    "members of an image of one's own": (r"27/members", body(lambda content: {**content, "members": []})),
    "members of a public image": (r"20000000-\S+(?<!27)/members", status(404)),
    "members of an unknown image": (rf"{_UNKNOWN}\S+/members", status(403)),
    "data of an unknown image": ("/file", status(403)),
    "no token": (r"images  none", status(403)),
    "unknown token": ("gAAAA", status(403)),
    "no route": (r"GET /v2/(nothing|images/)  own", status(400)),
    "list of versions": (r"GET /(versions)?  (none|own)", text("CURRENT", "LATEST")),
    "newest version": (r"GET /versions  own", text("v2.17", "v2.16")),
    "schema of a member": ("schemas/member", key("member_id", None)),
    "import methods": ("info/import", text("glance-direct", "web-download")),
    "query that is not UTF-8": ("%ff", status(200)),
    "header Content-Type": ("", header("Content-Type", "text/json")),
    "headers of request ids": ("", header("X-Openstack-Request-Id", None)),
    "headers of microversions": (
        r"images  own",
        lambda reply: reply._replace(headers=[*reply.headers, ("Vary", "Accept")]),
    ),
    "header WWW-Authenticate": ("", header("WWW-Authenticate", "Basic")),
    "headers Location and Allow": (
        r"images  own",
        lambda reply: reply._replace(headers=[*reply.headers, ("Allow", "GET")]),
    ),
    "names of images": (rf"images/{_ID}  own", image_key("name", "x")),
    "status of images": (rf"images/{_ID}  own", image_key("status", "x")),
    "owner, visibility and protection": ("", image_key("visibility", "x")),
    "formats of images": (rf"images/{_ID}  own", image_key("disk_format", "x")),
    "size": (rf"images/{_ID}  own", image_key("size", 7)),
    "min_ram and min_disk": ("", image_key("min_ram", 7)),
    "times of images": (rf"images/{_ID}  own", image_key("created_at", "2001-01-01T00:00:00Z")),
    "hashes": ("", image_key("checksum", "x")),
    "tags of images": ("", image_key("tags", [])),
    "links of images": ("", image_key("file", "/x")),
    "stores and locations": (rf"images/{_ID}  own", image_key("stores", "x")),
    "properties of images": (rf"images/{_ID}  own", image_key("instance_uuid", "x")),
    "path of the link to the next page": (r"limit=1  own", next_link_text("/v2/", "/proxy/v2/")),
    "keys of lists": (r"images(\?\S*)?  own", key("first", "/x")),
}

#: As COMPUTE_RESPONSES, of the identity service.
IDENTITY_RESPONSES: Final[dict[str, tuple[str, ReplyChange]]] = {
    "list of versions": (r"GET /  none", text("stable", "current")),
    "version document": (r"GET /v3  none", text("stable", "current")),
    "newest version": (r"GET /v3  none", text("v3.14", "v3.13")),
    "catalogue": ("catalog", text('"region_id"', '"region_name"')),
    "one's own token": (
        r"X-Subject-Token=\{token\}|X-Subject-Token=g(?!AAAAABunk)",
        text('"member"', '"user"'),
    ),
    "unknown token": ("gAAAAABunknown", status(401)),
    "no token": ("/v3/projects", text("requires authentication", "needs a token")),
    "no route": ("/v3/nothing", status(405)),
    "API v2.0": (r"/v2\.0", status(200)),
    "header Content-Type": ("", header("Content-Type", "text/json")),
    "headers of request ids": ("", header("X-Openstack-Request-Id", None)),
    "headers of microversions": ("", header("Vary", "Accept")),
    "header WWW-Authenticate": ("", header("WWW-Authenticate", "Basic")),
    "headers Location and Allow": ("", header("Location", "/x")),
}

#: (service, rule) -> the difference.
PLANTS: Final[dict[tuple[str, str], Plant]] = {
    **{
        ("compute", name): Plant(
            "compute", rf"^(?!\S+ /v2\S*/(?:servers|flavors|os-)).*?(?:{pattern})", path=change
        )
        for name, (pattern, change) in COMPUTE_REQUESTS.items()
    },
    **{
        ("compute", name): Plant("compute", pattern, path=change)
        for name, (pattern, change) in compute_plants.COMPUTE_REQUESTS.items()
    },
    **{
        ("compute", name): Plant("compute", pattern, response=change)
        for name, (pattern, change) in COMPUTE_RESPONSES.items()
    },
    **{
        ("compute", name): Plant("compute", pattern, response=change)
        for name, (pattern, change) in compute_plants.COMPUTE_RESPONSES.items()
    },
    **{
        ("image", name): Plant("image", pattern, path=change)
        for name, (pattern, change) in IMAGE_REQUESTS.items()
    },
    **{
        ("image", name): Plant("image", pattern, response=change)
        for name, (pattern, change) in IMAGE_RESPONSES.items()
    },
    **{
        ("identity", name): Plant("identity", pattern, response=change)
        for name, (pattern, change) in IDENTITY_RESPONSES.items()
    },
}
