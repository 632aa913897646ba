"""Pennypost: the wiring list. Importing starts nothing; `flask run`, gunicorn, `pennypost serve` take the factory."""

from __future__ import annotations

import argparse
import functools
import os
import secrets
import ssl
import sys
import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from webmail import __main__ as command
from webmail import config, draining, keeping, places
from webmail.actions.outbox import Outbox
from webmail.cache import BoundedCache
from webmail.discover import Finder
from webmail.failed import Failed
from webmail.imap.pool import Pool
from webmail.imap.watch import Watcher
from webmail.keeping import Kept, NotCarried
from webmail.lanes import Lanes
from webmail.meter import SILENT, Meter
from webmail.remote import Remote
from webmail.serve import Server
from webmail.views import (
    about,
    act,
    arrived,
    cleanup,
    compose,
    draft,
    events,
    factor,
    folder,
    folders,
    image,
    inner,
    invitation,
    keys,
    login,
    mailbox,
    message,
    outbox,
    part,
    passkey,
    people,
    printout,
    redirect,
    search,
    seen,
    server,
    sessions,
    share,
    shell,
    snoozed,
    source,
    talk,
    trust,
    winmail,
)
from webmail.views import help as help_page
from webmail.views import settings as settings_page
from webmail.web import (
    assets,
    converters,
    csrf,
    errors,
    filters,
    forms,
    headers,
    lane,
    letter,
    limits,
    logs,
    paper,
    preferences,
    presence,
    services,
    session,
    shrink,
    speech,
    theme,
    visit,
    words,
)
from webmail.web.beside import Beside
from webmail.web.factors import AnotherKey, FactorsLost
from webmail.web.figures import Figures
from webmail.web.grants import Grants
from webmail.web.spool import Spool

# What is far over any letter is cut off before it is read; what is a little over comes back with its text.
_SLACK = 8
_DRAWN = 32 * 1024 * 1024
_PREFERENCES = 4 * 1024 * 1024
_VIEWS = (
    login, mailbox, act, message, seen, image, inner, winmail, part, talk, source, printout, compose, draft, outbox,
    people, redirect, events, server, trust, invitation, settings_page, folders, folder, search, snoozed, cleanup,
    sessions, passkey, factor, shell, share, help_page, keys, about,
    arrived,
)  # fmt: skip


def create_app(settings: config.Settings | None = None) -> Flask:
    """The WSGI application. Raises ConfigError with one clear line."""
    settings = settings or config.load()
    app = Flask(__name__, static_folder=None, template_folder=str(places.folder("templates")))
    app.request_class = forms.LetterRequest
    state = Path(settings.state_dir).absolute()
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    app.config.update(_flask_config(settings, state))
    figures = Figures(places.version()) if settings.metrics_token else None
    meter = figures or SILENT
    kept = _kept(settings, meter)
    pool = Pool(
        per_user=settings.connections_per_user,
        per_process=settings.connections_total,
        idle_seconds=settings.connection_idle_seconds,
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.command_timeout,
        told=meter,
    )
    watcher = Watcher(pool, most=settings.streams)
    app.extensions["pennypost"] = services.Services(
        settings=settings,
        pool=pool,
        watcher=watcher,
        lanes=Lanes(lambda: settings.threads + settings.streams - watcher.pages),
        store=kept.store,
        server_key=app.config["SECRET_KEY"],
        drawn=BoundedCache(_DRAWN),
        remote=_remote(settings, settings.networks),
        preferences=BoundedCache(_PREFERENCES),
        spool=Spool(state / "uploads"),
        counter=kept.counter,
        finder=_finder(settings) if settings.any_domain else None,
        grants=Grants(kept.store, app.config["SECRET_KEY"], settings.connect_timeout),
        detours=kept.detours,
        vault=kept.vault,
        factors=kept.factors,
        waiting=kept.waiting,
        endings=kept.endings,
        meter=meter,
        resume=compose.resume,
    )
    logs.install(app)
    if figures:
        _watched(app, figures)
    assets.install(app)
    theme.install(app, settings)
    converters.install(app)
    shrink.install(app)
    headers.install(app)
    words.install(app)
    speech.install(app)
    limits.install(app)
    session.install(app)
    lane.install(app)
    csrf.install(app)
    errors.install(app)
    filters.install(app)
    preferences.install(app)
    paper.install(app)
    outbox.install(app, Outbox(kept.journal, pool, letter.origin_of))
    act.install(app)
    snoozed.install(app)
    visit.install(app)
    presence.install(app)
    app.register_error_handler(session.SessionEnded, login.ended)
    for view in _VIEWS:
        app.register_blueprint(view.blueprint)
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.wsgi_app = Beside(  # type: ignore[method-assign]
        app.wsgi_app, state=state, closing=lambda: draining.begun() or app.extensions["pennypost"].watcher.closed,
        shared=kept.well, figures=figures, token=settings.metrics_token,
    )  # fmt: skip
    app.extensions["pennypost-kept"] = kept
    return app


def _watched(app: Flask, figures: Figures) -> None:
    """What has a value at every moment."""
    figures.install(app)
    pool, watcher = app.extensions["pennypost"].pool, app.extensions["pennypost"].watcher
    figures.watch("imap_connections", "IMAP connections that are open.", lambda: pool.numbers()[0])
    figures.watch("imap_connections_idle", "Those of them that nobody uses now.", lambda: pool.numbers()[1])
    figures.watch("streams", "Pages that are told at once what other devices do.", lambda: watcher.pages)
    figures.watch(
        "letters_held", "Letters that wait for their Undo.", lambda: app.extensions["pennypost-outbox"].waiting
    )
    figures.watch("threads", "Threads of this process.", threading.active_count)


def _kept(settings: config.Settings, told: Meter) -> Kept:
    try:
        keeping.carry(settings)
        return keeping.kept(settings, told)
    except NotCarried:
        raise config.ConfigError(
            "PENNYPOST_SHARED: passkeys or second factors in PENNYPOST_STATE_DIR could not be carried there; it has to "
            "answer, and the files have to be readable"
        ) from None
    except FactorsLost:
        raise config.ConfigError(
            "PENNYPOST_SHARED: the second factors are gone from there; put them back, or remove the file "
            "second-factors-are-shared in PENNYPOST_STATE_DIR to let everybody in without"
        ) from None
    except AnotherKey:
        raise config.ConfigError(
            "PENNYPOST_SECRET_KEY: is not the one that the second factors were sealed under; put that one back"
        ) from None


@functools.lru_cache(maxsize=4)
def _authorities(ca_file: str) -> ssl.SSLContext:
    """The system's, and our own: reading them takes longer than all else that is made here."""
    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


def _remote(settings: config.Settings, allowed: Sequence[config.Network]) -> Remote:
    """Half of the threads at most fetch pictures, so that the other half is there for mail."""
    return Remote(_authorities(settings.ca_file), most=max(2, settings.threads // 2), each=6, allowed=allowed)


def _finder(settings: config.Settings) -> Finder:
    """It reaches where mail servers may lie, not where pictures may."""
    ca_file = Path(settings.ca_file) if settings.ca_file else None
    fetch, within = _remote(settings, settings.found_within).document, settings.found_within
    return Finder(
        fetch, ca_file=ca_file, within=within, nameservers=settings.resolvers, most=max(2, settings.threads // 4)
    )


def _flask_config(settings: config.Settings, state: Path) -> dict[str, Any]:
    upload = settings.upload_limit_mb * 1_000_000
    return {
        # Whatever FLASK_DEBUG says: a fault is a page of ours, and never a console (ASVS 13.4.2).
        "DEBUG": False,
        "SECRET_KEY": settings.secret_key or _kept_secret(state / "secret-key"),
        "SESSION_COOKIE_NAME": "__Host-pennypost" if settings.secure_cookies else "pennypost",
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        # Of those who chose to be kept signed in; the record says when it is over.
        "PERMANENT_SESSION_LIFETIME": timedelta(days=settings.keep_days),
        "SESSION_REFRESH_EACH_REQUEST": False,
        "TRUSTED_HOSTS": [h.strip() for h in settings.trusted_hosts.split(",") if h.strip()] or None,
        "UPLOAD_LIMIT": upload,
        "MAX_CONTENT_LENGTH": upload * _SLACK,
        "MAX_FORM_MEMORY_SIZE": forms.FIELD_LIMIT,
        "MAX_FORM_PARTS": 2000,
    }


def _kept_secret(path: Path) -> str:
    """Made once, readable by us alone; losing it signs everybody out."""
    try:
        return path.read_text("ascii").strip()
    except FileNotFoundError:
        pass
    # Written beside and linked: of two processes that start at once one wins, and nobody ever reads half a key.
    beside = path.with_name(f"{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as stream:
        stream.write(secrets.token_urlsafe(48))
    try:
        os.link(beside, path)
    except FileExistsError:
        pass
    finally:
        beside.unlink()
    return path.read_text("ascii").strip()


def main(arguments: Sequence[str]) -> int:
    """`pennypost serve`: the production server with the settings of the environment. Raises Failed, ConfigError."""
    parser = argparse.ArgumentParser(
        "pennypost serve", description="Run the site. Settings come from PENNYPOST_... and the file PENNYPOST_CONFIG."
    )
    parser.parse_args(arguments)
    settings = config.load()
    logs.start(settings.log_format, requests=settings.log_requests)
    try:
        app = create_app(settings)
    except OSError as error:
        raise Failed(2, f"PENNYPOST_STATE_DIR: {error.strerror}: {error.filename}") from None
    print(f"{settings.brand} listens on http://{settings.listen}", flush=True)
    Server(app, settings).run()
    return 0


if __name__ == "__main__":
    sys.exit(command.main(["serve", *sys.argv[1:]]))
