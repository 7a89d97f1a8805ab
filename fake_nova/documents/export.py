"""Export of a cloud as a fixture file that another server can start from."""

from __future__ import annotations

from typing import Any

from fake_nova.cloud.cloud import Cloud
from fake_nova.cloud.directory import Directory
from fake_nova.documents.clock import serialize_clock
from fake_nova.documents.directory import serialize_directory
from fake_nova.documents.fault import serialize_fault
from fake_nova.documents.flavor import serialize_flavor, serialize_keypair, serialize_quotas
from fake_nova.documents.image import serialize_image
from fake_nova.documents.plan import serialize_plans, serialize_progress, serialize_work
from fake_nova.documents.server import serialize_server
from fake_nova.documents.zone import serialize_zone


def serialize_cloud(cloud: Cloud, directory: Directory) -> dict[str, Any]:
    """Return the present state of a cloud as a fixture document.

    The document holds all images and servers with their exact times and their progress through plans. It
    holds the plans, faults in force, clock, projects and users, and the settings that a server needs.
    It holds neither tokens nor the journal. The random sequence of a fault with a probability starts again.

    Args:
        cloud: the cloud to export; plan steps that are due are applied first.
        directory: the projects and users to write.
    """
    with cloud.lifecycle.lock():
        cloud.lifecycle.apply_due_steps()
        cloud.server_lifecycle.apply_due_steps()
        plan_state = cloud.lifecycle.state()
        all_images = cloud.images.all()
        compute = _serialize_compute(cloud, directory)
    plans = serialize_plans(plan_state)
    entries = {image_id: {"plan": serialize_progress(each)} for image_id, each in plan_state.progress.items()}
    return {
        "settings": {
            name: getattr(cloud.settings, name) for name in ("dialect", "database", "auth_strategy")
        },
        "clock": serialize_clock(cloud.clock),
        **serialize_directory(directory),
        "plans": plans["plans"],
        "default_plan": plans["default"],
        "default_server_plan": plans["servers"],
        "assign_plans": plans["assign"],
        "faults": [serialize_fault(fault) for fault in cloud.faults.remaining_faults()],
        **compute,
        "images": [{**serialize_image(image), **entries.get(image.id, {})} for image in all_images],
    }


def _serialize_compute(cloud: Cloud, directory: Directory) -> dict[str, Any]:
    """Return the part of a fixture document that holds servers, flavors, key pairs, quotas and zones."""
    references = {user.id: directory.reference_to(user) for user in directory.users}
    works = {key: {"plan": serialize_work(each)} for key, each in cloud.server_lifecycle.state().items()}
    keypairs = [each for each in cloud.keypairs.all() if each.user_id in references]
    return {
        "flavors": list(map(serialize_flavor, cloud.own_flavors)),
        "keypairs": [serialize_keypair(each, references[each.user_id]) for each in keypairs],
        "availability_zones": list(map(serialize_zone, cloud.own_zones)),
        "quotas": [serialize_quotas(*item) for item in cloud.quotas.items()],
        "servers": [
            {**serialize_server(server, references.get(server.user_id)), **works.get(server.id, {})}
            for server in cloud.servers.all()
        ],
    }
