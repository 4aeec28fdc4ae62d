"""A stand-in for your application: it reads AWS's SAML metadata by its real name, with the certificate verified.

It knows nothing of the emulator; the proxy and the authority come from its environment.
"""

import urllib.request

URL = "https://signin.aws.amazon.com/static/saml-metadata.xml"

with urllib.request.urlopen(URL, timeout=30) as answer:
    text = answer.read().decode()

assert 'entityID="urn:amazon:webservices"' in text  # noqa: S101
print(f"{URL}: {answer.status}, {len(text)} characters")  # noqa: T201
