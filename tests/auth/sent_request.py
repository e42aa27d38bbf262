"""A signed request to make an API key, which somebody changes on its way."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from tests.auth.service_stage import KEYS, Company, Service, replaced
from tests.http.api import Answer

Sign = Callable[[bytes], bytes]


class Sent:
    """What goes over the wire; all of it can be changed before."""

    def __init__(self, company: Company, service: Service) -> None:
        self.company = company
        self.service = service
        self.method = "POST"
        self.path = f"{KEYS}?note=1"
        self.body = json.dumps(company.order("franchises:read")).encode()
        self.headers = service.signed(self.method, self.path, self.body)

    def header(self, name: str) -> str:
        return dict(self.headers)[name]

    def replace(self, name: str, value: str | None) -> None:
        self.headers = replaced(self.headers, name, value)

    def edit(self, name: str, old: str, new: str) -> None:
        assert old in self.header(name)
        self.replace(name, self.header(name).replace(old, new))

    def sign(self, **said: Any) -> None:
        """As the example does, with another key, nonce or instant."""
        self.headers = self.service.signed(self.method, self.path, self.body, **said)

    def sign_by_hand(
        self,
        said: Mapping[str, str | None] = MappingProxyType({}),
        *,
        without: str = "",
        also: Mapping[str, str] = MappingProxyType({}),
        sign: Sign | None = None,
    ) -> None:
        """Say other parameters, none where they are ``None``; cover less or more."""
        target = urlsplit(self.path)
        covered = {
            "@method": self.method,
            "@path": target.path,
            "@query": f"?{target.query}",
            "authorization": self.header("Authorization"),
            "content-digest": self.header("Content-Digest"),
            **also,
        }
        covered.pop(without, None)
        parameters = {
            "created": str(int(self.company.clock.now().timestamp())),
            "nonce": f'"{uuid4()}"',
            "keyid": f'"{self.service.id}"',
            "alg": '"ed25519"',
            **said,
        }
        names = " ".join(f'"{name}"' for name in covered)
        told = "".join(f";{name}={value}" for name, value in parameters.items() if value)
        lines = [f'"{name}": {value}' for name, value in covered.items()]
        base = "\n".join([*lines, f'"@signature-params": ({names}){told}']).encode()
        assert self.service.private_key is not None
        signature = b64encode((sign or self.service.private_key.sign)(base)).decode()
        self.replace("Signature-Input", f"muster=({names}){told}")
        self.replace("Signature", f"muster=:{signature}:")

    def send(self) -> Answer:
        return self.company.api.send(self.method, self.path, self.body or None, self.headers)


def refusal(answer: Answer) -> str:
    """Why a signature is refused."""
    assert (answer.status, answer.error["code"]) == (401, "SIGNATURE_INVALID"), answer
    message: str = answer.error["message"]
    return message
