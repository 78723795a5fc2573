"""Settings that cannot be used are refused at their field, whoever found them wrong."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, HttpUrl, ValidationError, field_validator, model_validator

from hub.core.connections.wrong import WrongSetting, refusal
from hub.core.values import Refusal, Text

ODD = Text(zh="只能是偶数", en="even numbers only")


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=5)
    port: int = Field(default=80, ge=1, le=99)
    way: Literal["in", "out"] = "in"
    root: HttpUrl = HttpUrl("https://example.org")
    fast: bool = False
    table: dict[str, int] = {}

    @field_validator("port")
    @classmethod
    def _even(cls, port: int) -> int:
        if port % 2:
            raise WrongSetting(ODD)
        return port

    @model_validator(mode="after")
    def _together(self) -> Model:
        if self.way == "out" and not self.fast:
            raise WrongSetting(Text(zh="写出时要快", en="out needs it fast"), "fast")
        if self.name == "plain":
            raise ValueError("no plain names")
        return self


def refused(**given: object) -> Refusal:
    with pytest.raises(ValidationError) as caught:
        Model.model_validate({"name": "x", **given})
    return refusal(caught.value, Model)


@pytest.mark.parametrize(
    ("given", "field", "message", "values"),
    [
        ({"name": ""}, "name", "required", {}),
        ({"name": "too long"}, "name", "too_long", {"most": 5, "length": 8}),
        ({"port": "eighty"}, "port", "not_a_number", {"value": "eighty"}),
        ({"port": "1.5"}, "port", "not_a_number", {"value": "1.5"}),
        ({"port": 0}, "port", "too_small", {"least": 1}),
        ({"port": 100}, "port", "too_large", {"most": 99}),
        ({"way": "up"}, "way", "unknown_choice", {"value": "up"}),
        ({"fast": "perhaps"}, "fast", "unknown_choice", {"value": "perhaps"}),
        ({"root": "example"}, "root", "not_an_address", {"value": "example"}),
        ({"root": "ftp://example.org"}, "root", "not_an_address", {"value": "ftp://example.org"}),
        ({"root": ""}, "root", "required", {}),
        ({"table": {"a": "b"}}, "table.a", "not_a_number", {"value": "b"}),
        ({"port": 81}, "port", "setting_wrong", {"problem": ODD}),
        ({"name": "plain"}, "settings", "setting_wrong", {"problem": "no plain names"}),
    ],
)
def test_what_is_wrong_is_said_by_id_at_its_field(
    given: dict[str, object], field: str, message: str, values: dict[str, object]
) -> None:
    found = refused(**given)
    assert (found.field, found.message, found.values) == (field, message, values)


def test_a_validator_of_several_settings_names_the_one_it_means() -> None:
    found = refused(way="out")
    assert (found.field, found.values["problem"].zh) == ("fast", "写出时要快")
    assert str(WrongSetting(ODD, "port")) == "port: even numbers only"


def test_an_unknown_setting_is_told_what_there_is() -> None:
    found = refused(colour="red")
    assert (found.message, found.field, found.values["name"]) == ("setting_unknown", "colour", "colour")
    assert "port" in found.values["known"]
