"""A server that gives access tokens for client credentials or a refresh token (RFC 6749, 4.4, 5 and 6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import Flask, jsonify, request

CLIENT, CLIENT_SECRET, REFRESH_TOKEN, SCOPE = (
    "hub-app",
    "s3cret~of.the-app",
    "1//the-refresh",
    "mail/.default",
)


@dataclass
class TokenDesk:
    """Gives ``tokens`` in turn, the last for ever; ``says`` stands in the place of the next answers."""

    tokens: list[str] = field(default_factory=lambda: ["ya29.an-access-token"])
    lasts: Any = 3600
    says: list[tuple[int, Any]] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, str]:
        """What an account is told, but the address."""
        return {"sign_in": "oauth2", "client_id": CLIENT, "scope": SCOPE}

    @property
    def application(self) -> Flask:
        """The server."""
        app = Flask("token_desk")

        @app.post("/token")
        def token() -> Any:
            given = request.form.to_dict()
            self.asked.append(given)
            assert not request.args, "a secret in an address stands in every log"
            if self.says:
                status, body = self.says.pop(0)
                return (jsonify(body) if isinstance(body, dict) else body), status
            if (given.get("client_id"), given.get("client_secret")) != (CLIENT, CLIENT_SECRET):
                return jsonify(error="invalid_client", error_description=f"no {given}"), 401
            if given["grant_type"] == "refresh_token" and given["refresh_token"] != REFRESH_TOKEN:
                return jsonify(error="invalid_grant", error_description=f"no {given}"), 400
            chosen = self.tokens.pop(0) if len(self.tokens) > 1 else self.tokens[0]
            return jsonify(access_token=chosen, token_type="Bearer", expires_in=self.lasts)

        return app
