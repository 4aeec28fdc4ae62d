"""Many whole logins through the proxy, by real names, in TLS: a client made to cost little beside the server.

    python -m tests.bench.storm PROXY_PORT CA_FILE EMBED_PATH LOGINS

logs in once, prints ``ready``, and waits for a line; then it logs in so often and prints how many logins arrived. It
keeps one tunnel open for each host, as a browser does.
"""

from __future__ import annotations

import html
import http.client
import re
import ssl
import sys
from urllib.parse import urlencode

_OKTA, _SIGN_IN = "acme.okta.com", "signin.aws.amazon.com"
_CONSOLE, _INSTANCE = "ap-northeast-1.console.aws.amazon.com", "acme.my.connect.aws"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_SAML_RESPONSE = re.compile(r'name="SAMLResponse" type="hidden" value="([^"]+)"')
_RELAY_STATE = re.compile(r'name="RelayState" type="hidden" value="([^"]*)"')
_CREDENTIALS = re.compile(r'name="credentials" value="([^"]+)"')


class Client:
    """A person's browser, reduced to the requests that a login needs."""

    def __init__(self, proxy_port: int, ca_file: str) -> None:
        context = ssl.create_default_context(cafile=ca_file)
        self._connections: dict[str, http.client.HTTPSConnection] = {}
        self.saml_response = ""
        for host in (_OKTA, _SIGN_IN, _CONSOLE, _INSTANCE):
            connection = http.client.HTTPSConnection("127.0.0.1", proxy_port, context=context, timeout=30)
            connection.set_tunnel(host, 443)
            self._connections[host] = connection

    def request(
        self, host: str, method: str, path: str, *, form: dict[str, str] | None = None, cookie: str = ""
    ) -> tuple[int, http.client.HTTPMessage, str]:
        """Makes one request; returns status, headers and body."""
        connection = self._connections[host]
        headers = {"Cookie": cookie} | (_FORM if form is not None else {})
        connection.request(method, path, urlencode(form) if form is not None else None, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()

    def log_in(self, embed_path: str, *, user: str = "hanako@example.com", password: str = "correct-horse") -> bool:
        """Makes one whole login, from the password to the page of the instance."""
        form = {"username": user, "password": password, "fromURI": embed_path}
        _, headers, _ = self.request(_OKTA, "POST", "/login/login.htm", form=form)
        _, _, page = self.request(_OKTA, "GET", embed_path, cookie=_cookies(headers))
        self.saml_response = _first(_SAML_RESPONSE, page)
        saml = {"SAMLResponse": self.saml_response, "RelayState": _first(_RELAY_STATE, page)}
        _, headers, _ = self.request(_SIGN_IN, "POST", "/saml", form=saml)
        path = headers["Location"].removeprefix(f"https://{_CONSOLE}")
        _, _, page = self.request(_CONSOLE, "GET", path, cookie=_cookies(headers))
        tokens = {"credentials": _first(_CREDENTIALS, page).replace("&#34;", '"'), "destination": ""}
        _, headers, _ = self.request(_INSTANCE, "POST", "/auth/sign-in", form=tokens)
        status, _, page = self.request(_INSTANCE, "GET", "/home", cookie=_cookies(headers))
        return status == 200 and user in page

    def close(self) -> None:
        """Closes the tunnels."""
        for connection in self._connections.values():
            connection.close()


def _cookies(headers: http.client.HTTPMessage) -> str:
    return "; ".join(cookie.partition(";")[0] for cookie in headers.get_all("Set-Cookie") or [])


def _first(pattern: re.Pattern[str], page: str) -> str:
    match = pattern.search(page)
    if match is None:
        raise LookupError(f"no {pattern.pattern} on the page")
    return html.unescape(match[1])


def main() -> None:
    """Logs in as often as asked and prints how often it worked."""
    port, ca_file, embed_path, logins = sys.argv[1:]
    client = Client(int(port), ca_file)
    client.log_in(embed_path)
    print("ready", flush=True)
    input()
    print(sum(client.log_in(embed_path) for _ in range(int(logins))), flush=True)


if __name__ == "__main__":
    main()
