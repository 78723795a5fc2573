"""What proves to a mail server who signs in: a password, or an access token got for it (RFC 6749)."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlencode

from pydantic import BaseModel, Field, field_validator
from pydantic_core.core_schema import ValidationInfo

from hub.sdk import Http, HttpAnswer, Refused, Text, WrongSetting

# A token is renewed so long before its end, and believed so long where its end is not told: seconds.
EARLY, UNTOLD = 120, 300
# What goes there is secret; within one machine nobody listens.
SECURED = ("https://", "http://127.0.0.1:")
SECRETS = ("password", "client_secret", "refresh_token")


class SignInSettings(BaseModel):
    """How an account of a mail server is entered."""

    sign_in: Literal["password", "xoauth2", "oauth2"] = Field(
        default="password", title="Sign in by",
        description="oauth2: the hub gets its access tokens itself (Microsoft 365, Gmail); xoauth2: the "
        "password is an access token; QQ and 163 give an authorisation code that stands for the password",
    )  # fmt: skip
    token_url: str = Field(
        default="", max_length=500, validate_default=True, title="Address that gives tokens",
        description="oauth2 only: https://login.microsoftonline.com/TENANT/oauth2/v2.0/token or "
        "https://oauth2.googleapis.com/token",
    )  # fmt: skip
    client_id: str = Field(
        default="", max_length=300, validate_default=True, title="Client id",
        description="oauth2 only: of the application you registered there",
    )  # fmt: skip
    scope: str = Field(
        default="", max_length=500, title="Scope",
        description="oauth2 only: https://outlook.office365.com/.default for Microsoft 365; empty for Gmail",
    )  # fmt: skip

    @field_validator("token_url", "client_id", "scope")
    @classmethod
    def _named(cls, value: str, info: ValidationInfo) -> str:
        value = value.strip()
        if info.field_name == "scope" or info.data.get("sign_in") != "oauth2":
            return value
        if not value:
            raise WrongSetting(Text(zh="oauth2 登录需要填写此项", en="oauth2 needs this"))
        if info.field_name == "token_url" and not value.startswith(SECURED):
            raise WrongSetting(
                Text(zh="请填写以 https:// 开头的地址", en="write an address that begins with https://")
            )
        return value


class Credential:
    """What an account is entered with; a token that was got is kept until shortly before its end.

    With a refresh token the hub acts for the person who gave it (RFC 6749, 6), without one as the application
    itself (4.4). A refresh token that comes along with an access token is not kept: the hub stores what an
    administrator typed, and nothing else. Microsoft ends a refresh token after 90 days, used or not
    (identity platform, *Refresh tokens*), so that there the application itself is the one to sign in.
    """

    def __init__(self, settings: SignInSettings, secrets: Mapping[str, str], http: Http) -> None:
        """``http`` asks for tokens."""
        self._settings, self._http = settings, http
        self._password = secrets.get("password", "")
        self._client_secret = secrets.get("client_secret", "")
        self._refresh = secrets.get("refresh_token", "")
        self._token, self._ends = "", 0.0
        self._lock = threading.Lock()

    @property
    def is_token(self) -> bool:
        """Whether the server is told so by XOAUTH2."""
        return self._settings.sign_in != "password"

    def current(self) -> str:
        """Password or token to use now; raises ``Retry`` or ``Refused`` where no token is to be had."""
        if self._settings.sign_in != "oauth2":
            return self._password
        with self._lock:
            if not self._token or time.monotonic() > self._ends:
                self._take(self._asked())
            return self._token

    def forget(self, used: str) -> None:
        """The server took no more what it was given: the next one who asks gets another."""
        with self._lock:
            if self._token == used:
                self._token = ""

    def _asked(self) -> HttpAnswer:
        given = {"client_id": self._settings.client_id, "scope": self._settings.scope}
        given |= {"client_secret": self._client_secret, "refresh_token": self._refresh}
        given["grant_type"] = "refresh_token" if self._refresh else "client_credentials"
        body = urlencode({name: value for name, value in given.items() if value}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        return self._http.send("POST", self._settings.token_url, data=body, headers=headers)

    def _take(self, answer: HttpAnswer) -> None:
        try:
            said = answer.json() if answer.status in (200, 400, 401) else {}
        except Refused:  # a page for people, where the address is another one
            said = {}
        said = said if isinstance(said, dict) else {}
        if answer.status in (400, 401) and said.get("error"):
            # The code alone (RFC 6749, 5.2): the words beside it may repeat what was sent.
            code = str(said["error"])[:60]
            raise Refused(f"no access token: {code} {_HELP.get(code, '')}".strip())
        token, seconds = said.get("access_token"), said.get("expires_in")
        if answer.status != 200 or not isinstance(token, str) or not token:
            raise Refused(f"the address that gives tokens answers {answer.status} without one; is it right?")
        span = float(seconds) if isinstance(seconds, int | str) and str(seconds).isdigit() else UNTOLD
        self._token, self._ends = token, time.monotonic() + max(span - EARLY, 0)


# The codes of RFC 6749, 5.2 that somebody can do something about.
_HELP = {
    "invalid_grant": "(the refresh token has ended or was taken back: make another)",
    "invalid_client": "(client id or client secret is wrong, or the secret has ended)",
    "unauthorized_client": "(the application may not ask in this way)",
    "invalid_scope": "(the scope is wrong)",
}
