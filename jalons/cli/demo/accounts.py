"""The accounts of the demonstration, whose passwords its sign-in page shows."""

from functools import cache
from typing import Any

from jalons.cli.demo.content import read
from jalons.foundation.accounts.roles import LABELS

DOMAIN = "demo.jalons.example"


def address(person: dict[str, Any]) -> str:
    """E-mail address of a person of people.toml: their role's, or the one written for a colleague."""
    return f"{person.get('email') or person['role']}@{DOMAIN}"


def password(number: int) -> str:
    """Password of the account shown at this rank; only the demonstration has such passwords."""
    return f"jalonsdemo{number:02d}"


@cache
def demo_accounts() -> list[dict[str, Any]]:
    """One account per role, as the sign-in page of the demonstration lists them."""
    names = {programme["code"]: programme["short_name"] for programme in read("programmes")["programmes"]}
    return [
        {
            "name": person["name"],
            "role": LABELS[person["role"]],
            "programme": ", ".join(names[code] for code in person["programmes"]),
            "email": address(person),
            "password": password(number),
        }
        for number, person in enumerate(read("people")["people"], start=1)
    ]
