"""docs/access.md names every permission and who holds it."""

from __future__ import annotations

from muster.application.access import SENSITIVE_PERMISSIONS, Permission
from muster.application.roles import PERMISSIONS_OF_ROLES, Role
from tests.docs.markdown_tables import rows_by_heading


def test_the_table_of_permissions_is_that_of_the_code() -> None:
    documented = {
        row[0].strip("`"): [cell.strip() == "yes" for cell in row[2:]]
        for row in rows_by_heading("access.md")["Permissions"]
    }
    assert documented == {
        one.value: [one in PERMISSIONS_OF_ROLES[role] for role in Role] for one in Permission
    }


def test_the_table_of_what_services_sign_is_that_of_the_code() -> None:
    documented = {row[0].strip("`") for row in rows_by_heading("access.md")["What services sign"]}
    assert documented == {one.value for one in SENSITIVE_PERMISSIONS}
