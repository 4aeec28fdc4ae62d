"""Bodies, empty answers and pages of lists, as every route of the management API reads and writes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Response, jsonify, request

from idp.addresses import asked_base
from idp.refusals import invalid, malformed

_MAX_PAGE = 200


def body() -> dict[str, Any]:
    """Returns the request's JSON object.

    Raises:
        ApiRefusal: E0000003 (400): there is none, or it holds text that cannot be encoded or a number that JSON cannot
            say, such as NaN.
    """
    try:
        given = request.get_json(silent=True, force=True)
        json.dumps(given, ensure_ascii=False, allow_nan=False).encode()
    except (RecursionError, ValueError):
        raise malformed() from None
    if not isinstance(given, dict):
        raise malformed()
    return given


def empty() -> Response:
    """Returns the answer without content: 204."""
    return Response(status=204)


def page(found: Iterable[dict[str, Any]], *, largest: int = _MAX_PAGE) -> Response:
    """Answers with one page of a list, and a link to the next one.

    Raises:
        ApiRefusal: E0000001 (400): ``limit`` is not a number.

    Spec: developer.okta.com, "Pagination"
    Evidence: documented
    """
    items = list(found)
    limit = max(limit_of(usual=largest, largest=largest), 1)
    after = request.args.get("after")
    start = next((n + 1 for n, item in enumerate(items) if _cursor(item) == after), 0) if after else 0
    response = jsonify(items[start : start + limit])
    response.headers.add("Link", link_to_here(request.args.to_dict(), rel="self"))
    if start + limit < len(items):
        following = request.args.to_dict() | {"after": _cursor(items[start + limit - 1]), "limit": str(limit)}
        response.headers.add("Link", link_to_here(following, rel="next"))
    return response


def _cursor(item: Mapping[str, Any]) -> str:
    return str(item.get("id") or item.get("uuid") or item.get("kid"))


def limit_of(*, usual: int, largest: int) -> int:
    """Returns how many entries the query asks for, at most the largest page.

    Raises:
        ApiRefusal: E0000001 (400): ``limit`` is not a number.
    """
    try:
        return min(max(int(request.args.get("limit") or usual), 0), largest)
    except ValueError:
        raise invalid("limit", "limit: The value is no number") from None


def link_to_here(arguments: Mapping[str, str], *, rel: str) -> str:
    """Returns an entry of the Link header that leads to this path, with a query.

    Spec: developer.okta.com, "Link header"
    Evidence: documented
    """
    address = f"{asked_base()}{request.path}" + (f"?{urlencode(arguments)}" if arguments else "")
    return f'<{address}>; rel="{rel}"'
