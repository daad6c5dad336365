from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Response
from fastapi.security import OAuth2PasswordRequestForm

from clinic.deps import User
from clinic.schemas import Message, Token

router = APIRouter(prefix="/auth", tags=["auth"])


@router.post("/token", response_model=Token)
async def login(form: Annotated[OAuth2PasswordRequestForm, Depends()], response: Response):
    if form.password != "pw & more":
        raise HTTPException(401, "Incorrect username or password")
    response.set_cookie("session", "abc")
    return {
        "access_token": f"{form.username}:{','.join(form.scopes)}",
        "expires_in": timedelta(hours=1),
    }


@router.get("/me")
async def me(user: User) -> str:
    return user


@router.post("/reset/{token}", status_code=202)
async def reset_password(
    token: str,
    new_password: Annotated[str, Form(min_length=3)],
    remember: Annotated[bool, Form()] = False,
) -> Message:
    return Message(detail=f"{token} {new_password} {remember}")
