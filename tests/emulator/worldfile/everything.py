"""The world in which every setting is given, with the files that it names."""

from __future__ import annotations

import json
import re
from pathlib import Path

from emulator.federation import Federation
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World

EVERYTHING = (Path(__file__).parent / "everything.yaml").read_text(encoding="utf-8")


def write_everything(folder: Path, world: World, keys: KeyFolder) -> Path:
    """Writes the world and its files into a folder, with keys and metadata of an app of another world."""
    provider, app = Federation(world, keys=keys).find_app("amazon-connect")
    metadata = provider.metadata(app.name)
    (folder / "key.pem").write_bytes(app.key_pair.private_key_pem)
    (folder / "certificate.pem").write_bytes(app.key_pair.certificate_pem)
    (folder / "idp.xml").write_bytes(metadata)
    document = metadata.decode().partition("?>")[2]
    other = re.sub('entityID="[^"]*"', 'entityID="https://idp.example.com/"', document)
    (folder / "aggregate.xml").write_text(
        f'<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata">{document}{other}</EntitiesDescriptor>',
        encoding="utf-8",
    )
    (folder / "sp.xml").write_text(
        '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://wiki.example.com">'
        '<SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><AssertionConsumerService '
        'Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://wiki.example.com/acs" index="0"/>'
        "</SPSSODescriptor></EntityDescriptor>",
        encoding="utf-8",
    )
    (folder / "template.yaml").write_text(
        "Parameters: {Name: {Type: String}}\n"
        "Resources:\n"
        "  Role:\n"
        "    Type: AWS::IAM::User\n"
        "    Properties: {UserName: !Ref Name}\n",
        encoding="utf-8",
    )
    (folder / "pages").mkdir()
    path = folder / "world.yaml"
    path.write_text(EVERYTHING.replace("METADATA", json.dumps(metadata.decode())), encoding="utf-8")
    return path
