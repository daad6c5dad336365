"""Use the clinic's client as its author would: python clinic_calls.py ADDRESS."""

import asyncio
import json
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from clinic.clients import AdminClient, ClinicClient
from clinic.clients.clinic_client import ClinicApi
from clinic.clients.runtime import ApiError, FileUpload, UnexpectedResponseError, raw_response
from clinic.schemas import (
    Address,
    AppointmentCreate,
    BloodType,
    Email,
    HTTPError,
    Patient,
    PatientCreate,
    PatientUpdate,
    Phone,
    Priority,
    Slot,
)
from pydantic import SecretStr

START = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
NOBODY = UUID("8c1b5f0e-0000-4000-8000-000000000000")
ADA = PatientCreate(
    first_name="Ada",
    last_name="Lovelace",
    birth_date=date(1815, 12, 10),
    blood_type=BloodType.A_POS,
    contacts=[Email(address="a@b"), Phone(number="1")],
    password=SecretStr("s3"),
    address=Address(street="s", city="c", zip_code="12345"),
)


async def sign_in(guest: ClinicApi) -> tuple[str, list[object]]:
    token = await guest.login_api_v1_auth_token_post(
        "ada", "pw & more", grant_type="password", scope="read write"
    )
    reset = await guest.reset_password_api_v1_auth_reset__token__post("t 1 ü?", "näw pw+&")
    seen: list[object] = [token.model_dump(mode="json"), reset.detail]
    try:
        await guest.me_api_v1_auth_me_get()
    except ApiError as error:
        seen.append(error.status)
    return token.access_token, seen


async def register(clinic: ClinicApi) -> tuple[Patient, list[object]]:
    ada = await clinic.create_api_v1_patients_post(ADA, "t 1", locale="de")
    groups = [BloodType.A_POS, BloodType.O_NEG]
    page = await clinic.search_api_v1_patients_get(
        blood_type=groups, limit=1, born_after=date(1800, 1, 1)
    )
    seen: list[object] = [
        ada.full_name,
        [contact.kind for contact in ada.contacts],
        ada.address and ada.address.zip_code,
        [page.total, page.has_more, page.items[0].id == ada.id],
        await clinic.export_api_v1_patients_export_csv_get(),
    ]
    try:
        # The id that a factory made counts as unset, so the response leaves it out.
        await clinic.filtered_api_v1_patients_filter_get(blood_types=groups, order_by="-name")
    except UnexpectedResponseError:
        seen.append("no id")
    return ada, seen


async def upload(clinic: ClinicApi, ada: Patient) -> list[object]:
    files: list[bytes | FileUpload] = [FileUpload(b"a;b\nc", filename="x.csv"), b"d"]
    found = await clinic.import_patients_api_v1_patients_import_post(
        files, dry_run=True, labels=["x", "y,z"]
    )
    photo = FileUpload(b"\x89\xff", filename="p.png", content_type="image/png")
    put_photo = raw_response(clinic.put_photo_api_v1_patients__patient_id__photo_put)
    response = await put_photo(ada.id, photo)
    content = await clinic.get_photo_api_v1_patients__patient_id__photo_get(ada.id)
    return [found.model_dump(), response.status, response.body.detail, [*content]]


async def change(clinic: ClinicApi, ada: Patient) -> list[object]:
    changes = PatientUpdate(address=None, first_name="A.")
    changed = await clinic.update_api_v1_patients__patient_id__patch(ada.id, changes)
    assert changed.blood_type is not None
    contacts = await clinic.add_contact_api_v1_patients__patient_id__contacts_post(
        ada.id, Phone(number="2"), primary=True
    )
    seen: list[object] = [
        [changed.full_name, changed.address, changed.blood_type.value, len(changed.contacts)],
        [contact.kind for contact in contacts],
    ]
    try:
        await clinic.read_api_v1_patients__patient_id__get(NOBODY)
    except ApiError as error:
        if not isinstance(error.body, HTTPError):
            raise
        seen.append([error.status, error.body.code])
    return seen


async def book(clinic: ClinicApi, ada: Patient) -> list[object]:
    new = AppointmentCreate(
        patient_id=ada.id,
        slot=Slot(start=START, length=timedelta(minutes=45)),
        priority=Priority.URGENT,
        price=Decimal("12.50"),
    )
    call = clinic.book_api_v1_clinics__clinic_id__appointments__post
    booked = await call(7, new, idempotency_key="k")
    seen: list[object] = [
        [booked.id, str(booked.price), booked.priority.value, booked.notes],
        booked.slot.length == timedelta(minutes=45),
    ]
    try:
        await call(7, new, idempotency_key="k2")
    except ApiError as error:
        if not isinstance(error.body, HTTPError):
            raise
        seen.append([error.status, error.body.context])
    return seen


async def read_agenda(clinic: ClinicApi) -> list[object]:
    agenda = await clinic.agenda_api_v1_clinics__clinic_id__appointments__get(
        7,
        START.date(),
        priority=Priority.URGENT,
        min_price=Decimal("12.5"),
        longest=timedelta(hours=1),
    )
    upcoming = clinic.upcoming_api_v1_clinics__clinic_id__appointments_next_get
    feed = clinic.feed_api_v1_clinics__clinic_id__appointments_feed_get(7, count=1)
    call = clinic.follow_up_api_v1_clinics__clinic_id__appointments__appointment_id__follow_up_put
    followed = await call(7, 1, [Slot(start=START)])
    hours = await clinic.hours_api_v1_clinics__clinic_id__appointments_hours_get(7)
    return [
        [each.id for each in agenda],
        [type(await upcoming(7)).__name__, type(await upcoming(7, priority=Priority.LOW)).__name__],
        [each.id async for each in feed],
        [each.id for each in followed.follow_ups],
        [hours["mon"] and hours["mon"].closes.isoformat(), hours["sun"]],
        await clinic.health_health_get(),
    ]


async def main(address: str) -> None:
    async with ClinicClient(address) as guest:
        token, seen = await sign_in(guest)
    async with ClinicClient(address, token=token) as clinic:
        seen.append(await clinic.me_api_v1_auth_me_get())
        ada, found = await register(clinic)
        seen += found
        for step in (upload, change, book):
            seen += await step(clinic, ada)
        seen += await read_agenda(clinic)
        await clinic.delete_api_v1_patients__patient_id__delete(ada.id, reason="moved")
        try:
            await clinic.search_api_v1_patients_get(limit=1000)
        except ApiError as error:
            seen.append([error.status, json.loads(error.content)["detail"][0]["loc"]])
    async with AdminClient(f"{address}/admin", api_key="k") as admin:
        seen.append(await admin.read_audit_audit_get(limit=5))
        await admin.clear_audit_audit_delete()
    print(json.dumps(seen))


asyncio.run(main(sys.argv[1]))
