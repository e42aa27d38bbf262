"""The plugin: how mail comes into Muster."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from muster.plugin_api import (
    Manifest,
    PortLookup,
    PortProvider,
    SettingsLookup,
    hookimpl,
    own_directory,
)
from muster.ports.clock import CLOCK
from muster.ports.notifier import NOTIFIER, Notifier
from muster_mail.file_notifier import FileNotifier
from muster_mail.settings import MailSettings
from muster_mail.smtp_notifier import SmtpNotifier

__all__ = ["MailPlugin"]


class MailPlugin:
    """Notices by mail."""

    MANIFEST: ClassVar[Manifest] = Manifest(name="mail", api_version=1, settings=MailSettings)

    @hookimpl
    def provide_ports(self, settings: SettingsLookup) -> Sequence[PortProvider[Any]]:
        """Offer the notifier: ``smtp`` where a server is set, else ``file``."""
        section = settings.section(MailSettings)
        if section.host is not None:
            return [PortProvider(NOTIFIER, "smtp", partial(_to_server, section.host, section))]
        return [PortProvider(NOTIFIER, "file", partial(_to_directory, section))]


def _to_server(host: str, settings: MailSettings, ports: PortLookup) -> Notifier:
    return SmtpNotifier(host, settings, ports.get(CLOCK))


def _to_directory(settings: MailSettings, ports: PortLookup) -> Notifier:
    chosen = Path(settings.directory) if settings.directory else own_directory(os.environ) / "mail"
    return FileNotifier(chosen.expanduser().resolve(), settings.sender, ports.get(CLOCK))
