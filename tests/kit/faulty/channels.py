"""Channels with one defect each, over the scaffold's chat robot."""

from __future__ import annotations

import logging
import random
import time
from typing import Any

from pydantic import BaseModel

from hub.sdk import Checked, Refused, Retry, Sent, Text
from tests.kit.making import Shelf

shelf = Shelf()
channel = shelf.channel
log = logging.getLogger("faulty")


def with_send(send: Any) -> Any:
    """The good channel with another ``send``, which gets the good one's."""

    def spoil(good: type) -> type:
        def faulty(self: Any, message: Any) -> Any:
            return send(self, message, lambda said=message: good.send(self, said))

        return type("Channel", (good,), {"send": faulty})

    return spoil


def with_call(call: Any) -> Any:
    """The good channel with another way to call, which gets the good one's."""

    def spoil(good: type) -> type:
        def faulty(self: Any, method: str, path: str, body: Any = None) -> Any:
            return call(self, method, path, body, lambda: good._call(self, method, path, body))

        return type("Channel", (good,), {"_call": faulty})

    return spoil


@channel("takes a 200 with an error in it for success")
@with_call
def _(self: Any, method: Any, path: Any, body: Any, good: Any) -> Any:
    answer = self._http.send(method, self._api + path, json=body, headers=self._headers)
    said = answer.json()
    if answer.status != 200 or not isinstance(said, dict):
        raise Refused(f"status {answer.status}")
    return said


@channel("takes a 403 for success")
@with_call
def _(self: Any, method: Any, path: Any, body: Any, good: Any) -> Any:
    try:
        return good()
    except Refused as no:
        if "403" in no.reason:
            return {"ok": True}
        raise


@channel("takes a sign-in page for success")
@with_send
def _(self: Any, message: Any, good: Any) -> Any:
    try:
        return good()
    except Retry as error:
        if "JSON" in error.reason:
            return Sent("ok")
        raise


@channel("swallows a 429")
@with_send
def _(self: Any, message: Any, good: Any) -> Any:
    try:
        return good()
    except Retry as busy:
        if busy.after:
            return Sent("later")
        raise


@channel("tries again by itself")
@with_call
def _(self: Any, method: Any, path: Any, body: Any, good: Any) -> Any:
    try:
        return good()
    except Retry:
        return good()


@channel("forgets for how long the robot wants to be left alone")
@with_send
def _(self: Any, message: Any, good: Any) -> Any:
    try:
        return good()
    except Retry as busy:
        raise Retry(busy.reason) from None


@channel("sleeps between two messages")
@with_send
def _(self: Any, message: Any, good: Any) -> Any:
    time.sleep(0.001)
    return good()


@channel("blames the message for a wrong set-up")
@with_send
def _(self: Any, message: Any, good: Any) -> Any:
    try:
        return good()
    except Retry as error:
        raise Refused(error.reason) from None


@channel("lets an error of its own leave")
@with_call
def _(self: Any, method: Any, path: Any, body: Any, good: Any) -> Any:
    answer = self._http.send(method, self._api + path, json=body, headers=self._headers)
    if answer.json()["ok"] is not True:
        raise Refused("no")
    return answer.json()


@channel("hands a message over twice")
@with_send
def _(self: Any, message: Any, good: Any) -> Any:
    good()
    return good()


@channel("loses the subject")
@with_send
def _(self: Any, message: Any, good: Any) -> Any:
    from dataclasses import replace

    return good(replace(message, subject=""))


@channel("sends the first line only")
@with_send
def _(self: Any, message: Any, good: Any) -> Any:
    from dataclasses import replace

    return good(replace(message, text=message.text.partition("\n")[0]))


@channel("sends a message to see whether it can")
def _(good: type) -> type:
    def check(self: Any) -> Any:
        self._call("POST", "/messages", {"to": "all", "text": "test"})
        return good.check(self)  # type: ignore[attr-defined]

    return type("Channel", (good,), {"check": check})


@channel("raises where it should say that it cannot send")
def _(good: type) -> type:
    def check(self: Any) -> Any:
        self._call("GET", "/me")
        return Checked(True, Text(zh="好", en="Well"))

    return type("Channel", (good,), {"check": check})


@channel("says that all is well without a look")
def _(good: type) -> type:
    return type("Channel", (good,), {"check": lambda self: Checked(True, Text(zh="好", en="Well"))})


@channel("says in English only what is wrong")
def _(good: type) -> type:
    def check(self: Any) -> Any:
        found = good.check(self)  # type: ignore[attr-defined]
        return Checked(found.ok, Text(zh="", en=found.text.en))

    return type("Channel", (good,), {"check": check})


@channel("writes its token into a log")
@with_send
def _(self: Any, message: Any, good: Any) -> Any:
    log.debug("headers: %s", self._headers)
    return good()


@channel("puts its token into the address")
@with_call
def _(self: Any, method: Any, path: Any, body: Any, good: Any) -> Any:
    self._http.send(
        "GET", f"{self._api}/me?token={self._headers['Authorization'][7:]}", headers=self._headers
    )
    return good()


@channel("tells its token in a reason")
@with_send
def _(self: Any, message: Any, good: Any) -> Any:
    try:
        return good()
    except Retry as error:
        raise Retry(f"{error.reason} {self._headers}", error.after) from None


@channel("shows its token in its repr")
def _(good: type) -> type:
    return type("Channel", (good,), {"__repr__": lambda self: f"Channel({self._headers})"})


@channel("throws dice for an id")
@with_send
def _(self: Any, message: Any, good: Any) -> Any:
    return Sent(f"{good().answer}-{random.random()}")


class Alone(BaseModel):
    """Settings that know no limit an hour."""

    base_url: str


@channel("leaves out the settings of all channels", settings=Alone)
def _(good: type) -> type:
    return good
