"""The state of a cloud, written as a fixture file that another can start from."""

from __future__ import annotations

from typing import Any

from fake_nova.cloud.cloud import Cloud
from fake_nova.cloud.directory import Directory
from fake_nova.cloud.servers import newest_first
from fake_nova.documents.clock import clock_document
from fake_nova.documents.fault import fault_document
from fake_nova.documents.image import image_document
from fake_nova.documents.plan import progress_document, schedule_document
from fake_nova.documents.server import server_document


def document(cloud: Cloud, people: Directory) -> dict[str, Any]:
    """Return the fixture document of a cloud as it is now.

    It has *people*, every image with its exact times, how far each is with its plan, the plans, the clock,
    the faults that are in force, and the settings that tell how to serve it. It has neither tokens nor the
    journal; and the chance of a fault with a probability begins anew.
    """
    with cloud.lifecycle.still():
        cloud.lifecycle.settle()
        schedule, every_image = cloud.lifecycle.schedule(), cloud.images.all()
    planned = schedule_document(schedule)
    images = []
    for image in every_image:
        progress = schedule.progress.get(image.id)
        under_way = {} if progress is None else {"plan": progress_document(progress)}
        images.append({**image_document(image), **under_way})
    return {
        "settings": {"dialect": cloud.settings.dialect, "auth_strategy": cloud.settings.auth_strategy},
        "clock": clock_document(cloud.clock),
        "projects": [{"id": project.id, "name": project.name} for project in people.projects],
        "users": [
            {
                "name": user.name,
                "password": user.password,
                "project": user.project.id,
                "roles": sorted(user.roles),
            }
            for user in people.users
        ],
        "plans": planned["plans"],
        "default_plan": planned["default"],
        "assign_plans": planned["assign"],
        "faults": [fault_document(fault) for fault in cloud.faults.left()],
        "servers": [server_document(server) for server in newest_first(cloud.servers)],
        "images": images,
    }
