"""Where the large hosters of mail have their servers, by the host that takes their customers' mail (MX).

Taken from what each tells its customers; kept by hand. A row is only right when every customer behind that MX signs in
there with the address and a password.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from webmail.mail.published import Place, Published, hostname, within


def _tls(imap: str, smtp: str) -> Published:
    return Published(Place(imap, 993), Place(smtp, 465))


def _starttls(imap: str, smtp: str) -> Published:
    return Published(Place(imap, 993), Place(smtp, 587, "starttls"))


# The longer suffix stands before the shorter one.
_HOSTERS: Final[tuple[tuple[str, Published], ...]] = (
    ("aspmx.l.google.com", _tls("imap.gmail.com", "smtp.gmail.com")),
    ("googlemail.com", _tls("imap.gmail.com", "smtp.gmail.com")),
    ("google.com", _tls("imap.gmail.com", "smtp.gmail.com")),
    ("olc.protection.outlook.com", _starttls("outlook.office365.com", "smtp-mail.outlook.com")),
    ("mail.protection.outlook.com", _starttls("outlook.office365.com", "smtp.office365.com")),
    ("mx.microsoft", _starttls("outlook.office365.com", "smtp.office365.com")),
    ("mx-aol.mail.gm0.yahoodns.net", _tls("imap.aol.com", "smtp.aol.com")),
    ("yahoodns.net", _tls("imap.mail.yahoo.com", "smtp.mail.yahoo.com")),
    ("mail.icloud.com", _starttls("imap.mail.me.com", "smtp.mail.me.com")),
    ("messagingengine.com", _tls("imap.fastmail.com", "smtp.fastmail.com")),
    ("migadu.com", _tls("imap.migadu.com", "smtp.migadu.com")),
    ("mx.zoho.com", _tls("imappro.zoho.com", "smtppro.zoho.com")),
    ("zoho.com", _tls("imappro.zoho.com", "smtppro.zoho.com")),
    ("zoho.eu", _tls("imappro.zoho.eu", "smtppro.zoho.eu")),
    ("mailbox.org", _tls("imap.mailbox.org", "smtp.mailbox.org")),
    ("posteo.de", _tls("posteo.de", "posteo.de")),
    ("gmx.net", _tls("imap.gmx.net", "mail.gmx.net")),
    ("web.de", _starttls("imap.web.de", "smtp.web.de")),
    ("kundenserver.de", _tls("imap.ionos.de", "smtp.ionos.de")),
    ("rzone.de", _tls("imap.strato.de", "smtp.strato.de")),
    ("t-online.de", _tls("secureimap.t-online.de", "securesmtp.t-online.de")),
    ("mail.ovh.net", _tls("ssl0.ovh.net", "ssl0.ovh.net")),
    ("mail.gandi.net", _tls("mail.gandi.net", "mail.gandi.net")),
    ("infomaniak.ch", _tls("mail.infomaniak.com", "mail.infomaniak.com")),
    ("secureserver.net", _tls("imap.secureserver.net", "smtpout.secureserver.net")),
    ("emailsrvr.com", _tls("secure.emailsrvr.com", "secure.emailsrvr.com")),
    ("privateemail.com", _tls("mail.privateemail.com", "mail.privateemail.com")),
    ("seznam.cz", _tls("imap.seznam.cz", "smtp.seznam.cz")),
    ("mail.ru", _tls("imap.mail.ru", "smtp.mail.ru")),
    ("yandex.net", _tls("imap.yandex.com", "smtp.yandex.com")),
    ("yandex.ru", _tls("imap.yandex.ru", "smtp.yandex.ru")),
)


def behind(exchanges: Sequence[tuple[int, str]]) -> Published | None:
    """The servers of whoever takes the mail of a domain. exchanges: its MX records, as preference and host."""
    for _, host in sorted(exchanges):
        name = hostname(host)
        for suffix, servers in _HOSTERS if name else ():
            if within(name or "", suffix):
                return servers
    return None
