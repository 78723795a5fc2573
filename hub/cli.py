"""The commands. Imports stay inside them: ``hub --help`` must be quick."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from hub.app import Hub
    from hub.config import Config


class _Friendly(click.Group):
    """Says what is wrong in one sentence; a traceback is for bugs only."""

    def invoke(self, ctx: click.Context) -> Any:
        """Turn the errors a person can mend into a message and exit code 1."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise  # click's own: --help and usage errors need none of the hub
        except Exception as error:
            if (text := _explained(error)) is None:
                raise
            click.echo(text, err=True)
            ctx.exit(1)


def _explained(error: Exception) -> str | None:
    from hub.app import Occupied
    from hub.config import ConfigError
    from hub.core.migrations import DatabaseNewer
    from hub.core.values import Refusal

    if isinstance(error, ConfigError | Occupied | DatabaseNewer):
        return str(error)
    if isinstance(error, Refusal):
        from hub.core.database import SystemClock
        from hub.render import Reader, explain

        said = explain(error, Reader.of("en", None, SystemClock().now()))
        return f"{error.field}: {said}" if error.field else said
    return None


@click.group(cls=_Friendly, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="service-hub")
@click.option(
    "--config", "path", type=click.Path(dir_okay=False, path_type=Path), help="Settings file (TOML)."
)
@click.pass_context
def main(context: click.Context, path: Path | None) -> None:
    """The service collaboration hub: identify, assign, execute, evaluate, improve."""
    context.obj = path


def _config(path: Path | None) -> Config:
    from hub.config import load

    return load(path, os.environ)


def _hub(path: Path | None, **how: Any) -> Hub:
    from hub.app import build

    return build(_config(path), os.environ, **how)


@main.command()
@click.option("--demo", is_flag=True, help="Load the demonstration and its sandbox tracker; loopback only.")
@click.pass_obj
def run(path: Path | None, demo: bool) -> None:
    """Run everything in one process: web, workers, regular jobs."""
    from hub import serving

    serving.run_all(_config(path), os.environ, demo=demo)


@main.command()
@click.pass_obj
def web(path: Path | None) -> None:
    """Run the web part alone; workers run elsewhere (hub work)."""
    from hub import serving

    serving.run_web(_config(path), os.environ)


@main.command()
@click.option("--threads", default=4, show_default=True, help="Jobs at a time.")
@click.pass_obj
def work(path: Path | None, threads: int) -> None:
    """Run background workers alone."""
    from hub import serving

    serving.run_work(_config(path), os.environ, threads)


@main.command()
@click.pass_obj
def migrate(path: Path | None) -> None:
    """Bring the database to this version's schema."""
    from hub.core.migrations import head

    hub = _hub(path)
    hub.close()
    click.echo(f"The database is at revision {head()}.")


@main.group()
def plugin() -> None:
    """Plugins: what is installed, what runs here."""


@plugin.command("list")
@click.pass_obj
def plugin_list(path: Path | None) -> None:
    """List the plugins: running here, installed but not listed."""
    from hub.core.registry import installed

    hub = _hub(path)
    running = {state.name: state for state in hub.core.registry.plugins()}
    for state in running.values():
        health = f"put aside since {state.aside_since:%Y-%m-%d %H:%M}" if state.aside_since else "well"
        click.echo(f"{state.name:16} {state.version:10} {health:32} {', '.join(state.hooks)}")
    for name in sorted(set(installed()) - set(running)):
        click.echo(f"{name:16} {'':10} installed, not listed in [plugins] enabled")
    hub.close()


@plugin.command("test")
@click.argument("target")
@click.option("--json", "path", type=click.Path(dir_okay=False, path_type=Path), help="Also write a file.")
@click.option(
    "--write", is_flag=True, help="Keep the checklist beside the plugin: the plugins page shows it."
)
def plugin_test(target: str, path: Path | None, write: bool) -> None:
    """Check a plugin by the suites for all it offers: TARGET is a folder, or the name of an installed one."""
    try:
        from hub.testing.telling import check_all
    except ModuleNotFoundError as error:
        raise click.ClickException(f"{error}: pip install 'service-hub[testing]'") from None

    try:
        passed = check_all(target, path, write=write)
    except LookupError as error:
        raise click.ClickException(str(error)) from None
    sys.exit(0 if passed else 1)


@plugin.command("new")
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice(["tracker", "intake", "rule", "survey", "advice", "channel"]),
    required=True,
    help="What it offers.",
)
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Where.")
def plugin_new(name: str, kind: str, into: Path) -> None:
    """Begin a plugin: a folder of its own that passes `hub plugin test` at once."""
    from hub.scaffold import Unusable, begin

    try:
        folder = begin(name, kind, into)
    except Unusable as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{folder} is ready. Next: pip install -e {folder}, then hub plugin test {folder}")


@main.group()
def audit() -> None:
    """The append-only history."""


@audit.command("verify")
@click.pass_obj
def audit_verify(path: Path | None) -> None:
    """Recompute every seal of the history; exit code 1 where something was changed."""
    from hub.core import history

    hub = _hub(path)
    found = history.verify(hub.core.database)
    hub.close()
    if found.broken:
        click.echo(
            f"History entries {found.broken[0]} to {found.broken[1]} were changed after they were sealed."
        )
        sys.exit(1)
    click.echo(f"{found.sealed} entries are sealed and unchanged, {found.unsealed} are not sealed yet.")


@main.group()
def jobs() -> None:
    """Background jobs that failed for the last time."""


@jobs.command("dead")
@click.pass_obj
def jobs_dead(path: Path | None) -> None:
    """List dead jobs with the last line of their error."""
    hub = _hub(path)
    for letter in hub.core.jobs.dead_letters():
        last = letter.error.strip().splitlines()[-1] if letter.error.strip() else ""
        click.echo(f"{letter.id:6} {letter.died_at:%Y-%m-%d %H:%M} {letter.name} {letter.key} {last}")
    hub.close()


@jobs.command("rerun")
@click.argument("number", type=int)
@click.pass_obj
def jobs_rerun(path: Path | None, number: int) -> None:
    """Promise a dead job anew."""
    hub = _hub(path)
    done = hub.core.jobs.rerun(number)
    hub.close()
    if not done:
        raise click.ClickException(f"there is no dead job {number}")


@main.command()
@click.option("--size", default=0, help="Also write this many requests with years of history.")
@click.option("--live", type=int, help="So many of them are still open; by default 3 in 100, at most 400.")
@click.option("--seed", default=7, show_default=True, help="The same seed writes the same history.")
@click.pass_obj
def demo(path: Path | None, size: int, live: int | None, seed: int) -> None:
    """Load the demonstration (two companies) into this hub, once."""
    from hub.demo import load_companies, write_history

    hub = _hub(path)
    load_companies(hub.core, hub.keys)
    if size:
        with click.progressbar(length=size, label="requests") as bar:
            write_history(hub.core, size, seed, progress=bar.update, live=live)
    hub.close()


@main.group()
def lab() -> None:
    """Proof of the sync: schedules of edits and faults against imitations of trackers."""


@lab.command("sync")
@click.option(
    "--tracker",
    "trackers",
    default="sandbox",
    show_default=True,
    help="A[,B…]: each, and in pairs; A+B: that pair alone.",
)
@click.option("--schedules", default=200, show_default=True, help="Schedules for each tracker and pair.")
@click.option("--seed", default=1, show_default=True, help="The same seed plays the same schedules.")
@click.option("--json", "path", type=click.Path(dir_okay=False, path_type=Path), help="Also write a file.")
@click.option("--shrink", is_flag=True, help="Tell the shortest story of what failed.")
def lab_sync(trackers: str, schedules: int, seed: int, path: Path | None, shrink: bool) -> None:
    """Count what is lost, doubled or leaked; exit code 1 where a promise is broken."""
    from hub.lab.imitation import tracker_kinds
    from hub.lab.printing import play_all

    try:
        kept = play_all(trackers.split(","), tracker_kinds(), schedules, seed, path, shrink=shrink)
    except LookupError as error:
        raise click.ClickException(str(error)) from None
    sys.exit(0 if kept else 1)


@lab.command("replay")
@click.argument("seed", type=int)
@click.option(
    "--tracker", "case", default="sandbox", show_default=True, help="A or A+B: the case it failed in."
)
@click.option("--real", is_flag=True, help="On real tables instead of dicts.")
@click.option("--shrink", is_flag=True, help="Tell the shortest story that breaks the same promise.")
def lab_replay(seed: int, case: str, real: bool, shrink: bool) -> None:
    """Play the one schedule that `hub lab sync` named by this seed, and tell its story."""
    from hub.lab.imitation import tracker_kinds
    from hub.lab.printing import play_one

    try:
        kept = play_one(case, tracker_kinds(), seed, real=real, shrink=shrink)
    except LookupError as error:
        raise click.ClickException(str(error)) from None
    sys.exit(0 if kept else 1)
