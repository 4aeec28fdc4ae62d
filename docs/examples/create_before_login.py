"""A broker that makes the Amazon Connect user just before the login, and prints the address that signs in.

A program of your own between the identity provider and AWS can call CreateUser before it sends the person
on. It assumes the role with the login as session name, trades the credentials for a sign-in token, and names the
federate URL as destination; SAML is not needed for that. In the environment:

    CONNECT_INSTANCE_ID, CONNECT_ROLE_ARN, AWS_DEFAULT_REGION, AWS_ACCESS_KEY_ID, …

With the emulator: fedemu exec -- python create_before_login.py hanako@example.com Hanako Sato
"""

from __future__ import annotations

import json
import os
import sys
from urllib.parse import quote, urlencode

import boto3
import requests
from event_hook_receiver import UserMaker

FEDERATION = "https://signin.aws.amazon.com/federation"
ISSUER = "https://broker.example.com/"


def sign_in_url(login: str, *, destination: str = "/ccp-v2") -> str:
    """Returns the address at which a person becomes the Amazon Connect user of this login; it is good for 15 minutes.

    Raises:
        botocore.exceptions.ClientError: the role cannot be assumed.
        requests.HTTPError: the credentials are not taken.
    """
    region, instance_id = os.environ["AWS_DEFAULT_REGION"], os.environ["CONNECT_INSTANCE_ID"]
    answer = boto3.client("sts").assume_role(RoleArn=os.environ["CONNECT_ROLE_ARN"], RoleSessionName=login)
    credentials = answer["Credentials"]
    session = {
        "sessionId": credentials["AccessKeyId"],
        "sessionKey": credentials["SecretAccessKey"],
        "sessionToken": credentials["SessionToken"],
    }
    asked = {"Action": "getSigninToken", "Session": json.dumps(session)}
    token = requests.get(FEDERATION, params=asked, timeout=30)
    token.raise_for_status()
    federate = f"https://{region}.console.aws.amazon.com/connect/federate/{instance_id}"
    query = {
        "Action": "login",
        "Issuer": ISSUER,
        "Destination": f"{federate}?destination={quote(destination, safe='')}",
        "SigninToken": token.json()["SigninToken"],
    }
    return f"{FEDERATION}?{urlencode(query)}"


def main() -> None:
    """Makes the user if there is none, then prints where to send the person."""
    login, first_name, last_name = sys.argv[1:4]
    maker = UserMaker(os.environ["CONNECT_INSTANCE_ID"], os.environ.get("SECURITY_PROFILE", "Agent"))
    made = maker.ensure(login, first_name, last_name)
    print(f"{'made' if made else 'known'} {login}")
    print(sign_in_url(login))


if __name__ == "__main__":
    main()
