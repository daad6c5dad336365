"""Schemas of the clinic."""

from __future__ import annotations

import enum
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID, uuid4

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    computed_field,
    field_validator,
)
from pydantic.alias_generators import to_camel

T = TypeVar("T")


class CamelModel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, from_attributes=True)


class BloodType(str, enum.Enum):
    A_POS = "A+"
    A_NEG = "A-"
    O_POS = "O+"
    O_NEG = "O-"


class Priority(enum.IntEnum):
    LOW = 0
    NORMAL = 5
    URGENT = 10


class Address(CamelModel):
    street: str
    city: str
    zip_code: Annotated[str, Field(pattern=r"^\d{5}$")]


class Phone(CamelModel):
    kind: Literal["phone"] = "phone"
    number: str


class Email(CamelModel):
    kind: Literal["email"] = "email"
    address: str
    verified: bool = False


Contact = Annotated[Phone | Email, Field(discriminator="kind")]


class PatientBase(CamelModel):
    first_name: str = Field(min_length=1, max_length=40, examples=["Ada"])
    last_name: str
    birth_date: date
    blood_type: BloodType | None = None
    allergies: list[str] = Field(default_factory=list)
    contacts: list[Contact] = []


class PatientCreate(PatientBase):
    password: SecretStr
    address: Address | None = None

    @field_validator("birth_date")
    @classmethod
    def in_the_past(cls, value: date) -> date:
        if value > date.today():
            raise ValueError("must be in the past")
        return value


class PatientUpdate(CamelModel):
    first_name: str | None = None
    blood_type: BloodType | None = None
    address: Address | None = None
    contacts: list[Contact] | None = None


class Patient(PatientBase):
    id: UUID = Field(default_factory=uuid4)
    address: Address | None = None
    created_at: AwareDatetime

    @computed_field
    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"


class Page(BaseModel, Generic[T]):
    items: list[T]
    total: int
    offset: int = 0
    limit: int = 20

    @computed_field  # type: ignore[prop-decorator]
    @property
    def has_more(self) -> bool:
        return self.offset + len(self.items) < self.total


class Slot(CamelModel):
    start: datetime
    length: timedelta = timedelta(minutes=30)


class Appointment(CamelModel):
    id: int
    patient_id: UUID
    slot: Slot
    priority: Priority = Priority.NORMAL
    price: Decimal = Decimal("0")
    notes: dict[str, Any] = {}
    follow_ups: list[Appointment] = []


class AppointmentCreate(CamelModel):
    patient_id: UUID
    slot: Slot
    priority: Priority = Priority.NORMAL
    price: Decimal = Field(Decimal("0"), max_digits=8, decimal_places=2)


class Hours(CamelModel):
    opens: time
    closes: time


class Message(BaseModel):
    detail: str


class Token(BaseModel):
    access_token: str
    token_type: str = "bearer"
    expires_in: timedelta | None = None


class ImportResult(BaseModel):
    accepted: int
    rejected: list[tuple[int, str]] = []


class HTTPError(BaseModel):
    code: str
    message: str
    context: dict[str, str | int] | None = None
