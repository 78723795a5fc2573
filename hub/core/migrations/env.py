"""Run by Alembic: migrates over the connection it is given."""

from alembic import context

from hub.core.migrations import include, metadata, written

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(),
    include_object=include,
    render_item=written,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
