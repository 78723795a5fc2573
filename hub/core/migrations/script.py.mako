"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.core.database import UtcDateTime, Uuid7
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    ${upgrades if upgrades else "pass"}
