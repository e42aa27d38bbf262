"""The API pages: served by us alone, and true."""

from __future__ import annotations

import re
from urllib.parse import urljoin

import pytest

from tests.http.api import Api

PAGE = "/docs"


@pytest.fixture
def api(used_api: Api) -> Api:
    """Nothing here minds what other tests have stored."""
    return used_api


def addresses(html: str) -> list[str]:
    return re.findall(r'(?:src|href)="([^"]*)"', html)


def test_the_page_loads_nothing_from_elsewhere(api: Api) -> None:
    answer = api.get(PAGE)
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    html = answer.body.decode()
    assert "//" not in html.replace("<!doctype", "")
    assert len(addresses(html)) >= 3
    for address in addresses(html):
        asset = api.get(urljoin(PAGE, address))
        assert (asset.status, bool(asset.body)) == (200, True), address


def test_the_page_has_no_inline_script(api: Api) -> None:
    assert not re.findall(r"<script>|<style>|\son\w+=", api.get(PAGE).body.decode())


def test_the_start_script_points_to_the_document(api: Api) -> None:
    script = api.get("/docs/start.js")
    assert script.headers["Content-Type"].startswith("text/javascript")
    (url,) = re.findall(r'url: "([^"]*)"', script.body.decode())
    assert api.get(url).json["openapi"].startswith("3.1")


@pytest.mark.parametrize(
    "name", ["a%00b", "a" * 5_000, "%ff", "../../app.py", "%2e%2e/%2e%2e/app.py", "", "nope.js"]
)
def test_what_is_no_asset_is_not_found(api: Api, name: str) -> None:
    answer = api.get(f"/docs/assets/{name}")
    assert (answer.status, answer.error["code"]) == (404, "NOT_FOUND")
