from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Response

from clinic import store
from clinic.schemas import Appointment, AppointmentCreate, Hours, HTTPError, Message, Priority, Slot

router = APIRouter(prefix="/clinics/{clinic_id}/appointments", tags=["appointments"])


@router.post(
    "/", status_code=201, response_model=Appointment, responses={409: {"model": HTTPError}}
)
async def book(
    clinic_id: int,
    body: AppointmentCreate,
    response: Response,
    idempotency_key: Annotated[str | None, Header()] = None,
):
    if any(a.slot.start == body.slot.start for a in store.appointments.values()):
        from clinic.main import ClinicError

        raise ClinicError(
            "taken", "This slot is taken.", {"clinic": clinic_id, "key": idempotency_key or ""}
        )
    number = len(store.appointments) + 1
    store.appointments[number] = Appointment(
        id=number, **body.model_dump(), notes={"clinic": clinic_id, "free": [None, 1.5]}
    )
    response.headers["Location"] = f"/appointments/{number}"
    return store.appointments[number]


@router.get("/")
async def agenda(
    clinic_id: int,
    day: Annotated[date, Query(alias="on")],
    priority: Priority | None = None,
    min_price: Decimal | None = None,
    longest: timedelta = timedelta(hours=1),
) -> list[Appointment]:
    return [
        a
        for a in store.appointments.values()
        if a.slot.start.date() == day
        and (priority is None or a.priority == priority)
        and (min_price is None or a.price >= min_price)
        and a.slot.length <= longest
    ]


@router.get("/next", response_model=Appointment | Message)
async def upcoming(clinic_id: int, priority: Priority = Priority.URGENT):
    found = [a for a in store.appointments.values() if a.priority == priority]
    return found[0] if found else Message(detail="none")


@router.get("/feed")
async def feed(clinic_id: int, count: int = 2) -> AsyncIterator[Appointment]:
    for each in [*store.appointments.values()][:count]:
        yield each


@router.put("/{appointment_id}/follow-up")
async def follow_up(
    clinic_id: int, appointment_id: Annotated[int, Path(ge=1)], slots: list[Slot]
) -> Appointment:
    found = store.appointments[appointment_id]
    for i, slot in enumerate(slots):
        found.follow_ups.append(Appointment(id=100 + i, patient_id=found.patient_id, slot=slot))
    return found


@router.get("/hours")
async def hours(clinic_id: int) -> dict[str, Hours | None]:
    return {"mon": Hours(opens="08:00", closes="17:30"), "sun": None}
