from datetime import UTC, date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import (
    APIRouter,
    BackgroundTasks,
    Body,
    Depends,
    File,
    Form,
    Query,
    UploadFile,
    status,
)
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel

from clinic import store
from clinic.deps import Pagination, Tenant, User, Writer
from clinic.schemas import (
    BloodType,
    Contact,
    HTTPError,
    ImportResult,
    Message,
    Page,
    Patient,
    PatientCreate,
    PatientUpdate,
)

router = APIRouter(
    prefix="/patients",
    tags=["patients"],
    responses={404: {"model": HTTPError, "description": "No such patient"}},
)


def find(patient_id: UUID) -> Patient:
    if patient_id not in store.patients:
        raise PatientMissing(patient_id)
    return store.patients[patient_id]


class PatientMissing(Exception):
    pass


Found = Annotated[Patient, Depends(find)]


class PatientFilter(BaseModel):
    model_config = {"extra": "forbid"}
    q: str | None = None
    blood_types: list[BloodType] = []
    born_after: date | None = None
    order_by: Literal["name", "-name", "created"] = "name"


@router.post("", status_code=status.HTTP_201_CREATED)
async def create(
    body: PatientCreate, tasks: BackgroundTasks, user: Writer, tenant: Tenant
) -> Patient:
    """Register a patient.

    - **password**: never returned
    """
    patient = Patient(**body.model_dump(exclude={"password"}), created_at=datetime.now(UTC))
    store.patients[patient.id] = patient
    tasks.add_task(store.log, f"{user} {tenant} {body.password.get_secret_value()}")
    return patient


@router.get("")
async def search(
    page: Annotated[Pagination, Depends()],
    user: User,
    active: bool = True,
    blood_types: Annotated[list[BloodType], Query(alias="bloodType")] = [],
    born_after: date | None = None,
) -> Page[Patient]:
    found = [p for p in store.patients.values() if not blood_types or p.blood_type in blood_types]
    found = [p for p in found if born_after is None or p.birth_date > born_after]
    return Page(
        items=found[page.offset : page.offset + page.limit],
        total=len(found),
        offset=page.offset,
        limit=page.limit,
    )


@router.get("/filter", response_model=Page[Patient], response_model_exclude_unset=True)
async def filtered(filters: Annotated[PatientFilter, Query()]):
    return {
        "items": [p for p in store.patients.values() if p.blood_type in filters.blood_types],
        "total": 1,
    }


@router.get(
    "/export.csv", response_class=StreamingResponse, responses={200: {"content": {"text/csv": {}}}}
)
async def export(user: User):
    return StreamingResponse(
        (f"{p.full_name};{p.birth_date}\n" for p in store.patients.values()), media_type="text/csv"
    )


@router.post("/import")
async def import_patients(
    files: Annotated[list[UploadFile], File(description="CSV files")],
    dry_run: Annotated[bool, Form()] = False,
    delimiter: Annotated[str, Form(max_length=1)] = ";",
    labels: Annotated[list[str] | None, Form()] = None,
) -> ImportResult:
    lines = [line for f in files for line in (await f.read()).decode().splitlines()]
    return ImportResult(
        accepted=len(lines),
        rejected=[
            (i, f"{line}{delimiter}{dry_run}{labels}")
            for i, line in enumerate(lines)
            if delimiter not in line
        ],
    )


@router.get("/{patient_id}")
async def read(patient: Found) -> Patient:
    return patient


@router.patch("/{patient_id}", response_model=Patient, responses={409: {"model": Message}})
async def update(patient: Found, changes: PatientUpdate, user: Writer):
    store.patients[patient.id] = patient.model_copy(
        update={n: getattr(changes, n) for n in changes.model_fields_set}
    )
    return store.patients[patient.id]


@router.put("/{patient_id}/photo", responses={201: {"model": Message}, 200: {"model": Message}})
async def put_photo(patient: Found, photo: UploadFile):
    is_new = patient.id not in store.photos
    store.photos[patient.id] = (photo.filename or "", await photo.read())
    return JSONResponse({"detail": photo.filename}, 201 if is_new else 200)


@router.get("/{patient_id}/photo", response_class=Response)
async def get_photo(patient: Found) -> Response:
    return Response(store.photos[patient.id][1], media_type="image/png")


@router.post("/{patient_id}/contacts")
async def add_contact(
    patient: Found,
    contact: Annotated[Contact, Body(embed=True)],
    primary: Annotated[bool, Body()] = False,
) -> list[Contact]:
    patient.contacts.insert(0, contact) if primary else patient.contacts.append(contact)
    return patient.contacts


@router.delete("/{patient_id}", status_code=204)
async def delete(
    patient: Found, user: Writer, reason: Annotated[str | None, Query(max_length=10)] = None
):
    del store.patients[patient.id]
