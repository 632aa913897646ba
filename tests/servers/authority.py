"""A certificate authority that lives as long as one test run."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Certificate:
    """Two PEM files: the certificate and its private key."""

    chain: Path
    key: Path

    def server_context(self) -> ssl.SSLContext:
        """What a server needs to answer TLS with this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain, self.key)
        return context


class Authority:
    """Signs what it is asked to sign, good or bad. Trust it with `ca_file`; nothing else on the machine does.

    The extensions follow RFC 5280 closely because Python 3.13 and later check them strictly by default.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca_file = folder / "ca.pem"
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("Test authority")
        self._made: dict[str, Certificate] = {}
        now = _now()
        certificate = (
            _start(self._name, self._name, self._key.public_key(), now - DAY, now + 30 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self._certificate = certificate
        self.ca_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        self.ca_file.chmod(0o644)

    def good(self) -> Certificate:
        """For localhost, 127.0.0.1 and ::1, valid today."""
        return self._issue("good", ("localhost", "127.0.0.1", "::1"))

    def naming(self, *hosts: str) -> Certificate:
        """Valid today, for these names."""
        return self._issue("for-" + "-".join(hosts).replace(".", "-"), hosts)

    def expired(self) -> Certificate:
        """Right names, right issuer, ended yesterday."""
        return self._issue("expired", ("localhost", "127.0.0.1"), begin=_now() - 10 * DAY, end=_now() - DAY)

    def wrong_host(self) -> Certificate:
        """Valid, but for a host that is not this one."""
        return self._issue("wrong-host", ("mail.somewhere-else.example",))

    def self_signed(self) -> Certificate:
        """Right names, valid today, signed by nobody that anyone trusts."""
        return self._issue("self-signed", ("localhost", "127.0.0.1"), signed_by_authority=False)

    def client_context(self) -> ssl.SSLContext:
        """A context that trusts this authority only: what the people in the tests use themselves."""
        return ssl.create_default_context(cafile=str(self.ca_file))

    def _issue(
        self,
        label: str,
        hosts: tuple[str, ...],
        *,
        begin: datetime.datetime | None = None,
        end: datetime.datetime | None = None,
        signed_by_authority: bool = True,
    ) -> Certificate:
        if label in self._made:
            return self._made[label]
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(hosts[0])
        issuer, signer = (self._name, self._key) if signed_by_authority else (subject, key)
        now = _now()
        certificate = (
            _start(subject, issuer, key.public_key(), begin or now - DAY, end or now + 30 * DAY)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectAlternativeName([_alternative(host) for host in hosts]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
            .sign(signer, hashes.SHA256())
        )
        made = Certificate(self.folder / f"{label}.pem", self.folder / f"{label}.key")
        made.chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        made.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        self._made[label] = made
        return made


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _start(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    begin: datetime.datetime,
    end: datetime.datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
