from __future__ import annotations

from uuid import UUID

from clinic.schemas import Appointment, Patient

patients: dict[UUID, Patient] = {}
appointments: dict[int, Appointment] = {}
photos: dict[UUID, tuple[str, bytes]] = {}
audit: list[str] = []


def log(text: str) -> None:
    audit.append(text)
