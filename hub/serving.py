"""Serving a hub: the web server, the workers, and stopping both politely."""

from __future__ import annotations

import ctypes
import gc
import os
import platform
import secrets
import signal
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from types import FrameType
from typing import TYPE_CHECKING, Any

import click
from waitress.server import create_server

from hub import logs, worker
from hub.app import Hub, build
from hub.config import Config, load

if TYPE_CHECKING:
    from flask import Flask

LOOPBACK = "127.0.0.1"
DEMO_EMAIL = "demo@example.org"
WORKERS = 4
# Connections that may be open at once; those that are idle cost a few kilobytes each.
CONNECTIONS = 2000
# How long running jobs and answers get to finish after a signal, seconds.
PATIENCE = 20
# M_ARENA_MAX of glibc's malloc.h.
ARENA_MAX = -8


def _stop_on_signal() -> threading.Event:
    stop = threading.Event()

    def stopping(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, stopping)
    signal.signal(signal.SIGTERM, stopping)
    return stop


def _workers(hub: Hub, count: int, stop: threading.Event) -> threading.Thread:
    watcher = worker.register(hub.core)

    def work() -> None:
        try:
            hub.core.jobs.run_workers(count, stop)
        finally:
            watcher.close()

    thread = threading.Thread(target=work, name="workers")
    thread.start()
    return thread


def _server(hub: Hub, app: Any) -> Any:
    server = hub.config.server
    return create_server(
        app,
        host=server.host,
        port=server.port,
        threads=server.threads,
        ident="hub",
        max_request_body_size=hub.config.limits.inbound_bytes + 2**20,
        # With proxies before us the application reads what they say, and only their part of it.
        clear_untrusted_proxy_headers=not server.proxies,
        channel_request_lookahead=1,
        # A browser holds up to six connections open: behind the usual hundred, new people would wait.
        connection_limit=CONNECTIONS,
        # Beyond 1,024 files of the process, select() would fail.
        asyncore_use_poll=True,
    )


def _share_memory() -> None:
    """Let all threads take memory from one place: with a place for each, what one frees no other can use.

    There is little to gain from many, for one thread at a time runs Python. To be called before they start.
    """
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).mallopt(ARENA_MAX, 1)


def _settle_memory() -> None:
    """What was loaded stays, and looking for garbage after every page costs a tenth of the page's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


def _serve(server: Any, stop: threading.Event) -> None:
    _settle_memory()
    thread = threading.Thread(target=server.run, name="web", daemon=True)
    thread.start()
    # Waking up now and then lets signals through on every platform.
    while not stop.wait(3600):
        pass
    server.task_dispatcher.shutdown(cancel_pending=False, timeout=5)
    server.close()


def run_all(config: Config, environ: Mapping[str, str], *, demo: bool = False) -> None:
    """``hub run``: web and workers in one process; Ctrl-C stops both."""
    _share_memory()
    logs.set_up(config.logging.level, config.logging.format)
    if demo:
        config = config.model_copy(update={"server": config.server.model_copy(update={"host": LOOPBACK})})
    hub = build(config, environ, roles=("web", "work"), allow=(LOOPBACK,) if demo else ())
    stop = _stop_on_signal()
    address = f"http://{config.server.host}:{config.server.port}"
    with ExitStack() as closing:
        closing.callback(hub.close)
        app = hub.web(demo=demo)
        said = [f"The hub answers at {address} (Ctrl-C stops it)"]
        if demo:
            app, password = _demonstration(hub, app, address, closing)
            said.append(f"Sign in as {DEMO_EMAIL} with the password {password}")
        server = _server(hub, app)
        thread = _workers(hub, WORKERS, stop)
        closing.callback(thread.join, PATIENCE)
        closing.callback(stop.set)
        click.echo("\n".join(said))
        _serve(server, stop)
    click.echo("Stopped.")


def _demonstration(hub: Hub, app: Any, address: str, closing: ExitStack) -> tuple[Any, str]:
    """The demonstration beside the hub: two companies, the sandbox tracker, a password for this run."""
    from hub.demo import SandboxAddress, load_companies, set_demo_password
    from hub.web.sandbox import mount

    mounted = mount(app, hub)
    closing.callback(mounted.close)
    load_companies(hub.core, hub.keys, SandboxAddress(mounted.base_url(address), mounted.hook_secret))
    mounted.tell(address)
    password = secrets.token_urlsafe(9)
    set_demo_password(hub.core, password)
    return mounted, password


def run_web(config: Config, environ: Mapping[str, str]) -> None:
    """``hub web``: the web part alone."""
    _share_memory()
    logs.set_up(config.logging.level, config.logging.format)
    hub = build(config, environ, roles=("web",))
    stop = _stop_on_signal()
    server = _server(hub, hub.web())
    click.echo(f"The hub answers at http://{config.server.host}:{server.effective_port} (Ctrl-C stops it)")
    try:
        _serve(server, stop)
    finally:
        hub.close()


def application() -> Flask:
    """The web part for another WSGI server, once in each of its processes: ``hub.serving:application()``.

    The configuration is found as by the commands: HUB_CONFIG, else ./config.toml.
    """
    config = load(None, os.environ)
    _share_memory()
    logs.set_up(config.logging.level, config.logging.format)
    app = build(config, os.environ, roles=("web",)).web()
    _settle_memory()
    return app


def run_work(config: Config, environ: Mapping[str, str], threads: int) -> None:
    """``hub work``: workers alone."""
    _share_memory()
    logs.set_up(config.logging.level, config.logging.format)
    hub = build(config, environ, roles=("work",))
    stop = _stop_on_signal()
    thread = _workers(hub, threads, stop)
    click.echo(f"{threads} workers wait for jobs (Ctrl-C stops them)")
    while not stop.wait(3600):
        pass
    thread.join(PATIENCE)
    hub.close()
