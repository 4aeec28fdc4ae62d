"""Where the settings of the models are in a world: the way back from what was built.

A model's attributes have the names of the world's keys, except for those in ``okta_places`` and ``aws_places``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.building.aws_places import AWS_PLACES, AWS_SPECIAL, AWS_UNSAYABLE, KEPT_BY_ARN
from emulator.building.okta_places import OKTA_PLACES, OKTA_SPECIAL, OKTA_UNSAYABLE
from emulator.building.place_tables import Alternatives
from emulator.kernel.explanations import Setting
from emulator.world import World
from emulator.worldfile.text.yaml_data import Key, value_at
from idp import model as okta
from sp_mock.accounts import model as aws

_PLACES = {**OKTA_PLACES, **AWS_PLACES}
_SPECIAL = {**OKTA_SPECIAL, **AWS_SPECIAL}
UNSAYABLE: Mapping[type, Mapping[str, str]] = {**OKTA_UNSAYABLE, **AWS_UNSAYABLE}
_AWSS_POLICY = ":iam::aws:policy/"


def owner_key(owner: object) -> Key:
    """Returns the world key of an org or an account."""
    if isinstance(owner, okta.Org):
        return ("okta", owner.name)
    if isinstance(owner, aws.Account):
        return ("aws", owner.account_id)
    raise TypeError(f"{type(owner).__name__} is neither an org nor an account")


def aws_managed_policy_of(setting: Setting) -> str:
    """Returns the ARN of the AWS managed policy that a setting is in; empty for other settings."""
    kind, arn = (*map(str, setting.path[:2]), "", "")[:2]
    return arn if kind == "policies" and arn.startswith("arn:") and _AWSS_POLICY in arn else ""


def world_key(setting: Setting, world: World) -> Key:
    """Returns the world key of a setting, given or not.

    For what a world cannot express it is the key of the object that has it. It does not lead into documents.
    """
    here = owner_key(setting.owner)
    data, depth = value_at(world.document.data, here)
    return (*here, *_key(setting.owner, setting.path, data if depth == len(here) else {}))


def _key(model: object, path: Sequence[str | int], data: Any) -> Key:
    """Returns the key for a path inside an object, relative to the object's key."""
    if not path:
        return ()
    attribute, *rest = path
    kind, name = type(model), str(attribute)
    if (kind, name) in _SPECIAL:
        return _SPECIAL[kind, name](model, rest, data)
    if name == "style" and isinstance(model, okta.App):
        # The style's own attributes are spread over the app's settings.
        return _key(model.style, rest, data) if rest else ("style",)
    if name in UNSAYABLE.get(kind, {}):
        return ()
    key = _chosen(_PLACES.get(kind, {}).get(name, ((name,),)), data)
    inside, depth = value_at(data, key)
    return (*key, *_inside(getattr(model, name, None), rest, inside if depth == len(key) else None, name=name))


def _inside(value: object, path: Sequence[str | int], data: Any, *, name: str) -> Key:
    """Returns the key for a path inside an attribute's value."""
    if not path:
        return ()
    if not isinstance(value, Mapping | tuple):
        return _key(value, path, data) if type(value) in _PLACES else ()
    part, *rest = path
    element = _element(value, part)
    if name == "versions":
        return ()  # a world has one version of a policy
    own = part.rpartition("/")[2] if name in KEPT_BY_ARN and isinstance(part, str) and part.startswith("arn:") else part
    if element is None:
        return (own, *rest)
    if type(element) not in _PLACES:
        return (own,)
    inside, depth = value_at(data, (own,))
    return (own, *_key(element, rest, inside if depth else None))


def _element(value: Mapping[Any, Any] | tuple[Any, ...], part: str | int) -> Any:
    if isinstance(value, Mapping):
        return value.get(part)
    return value[part] if isinstance(part, int) and part < len(value) else None


def _chosen(alternatives: Alternatives, data: Any) -> Key:
    """Returns the first key that the world gives, or else the last."""
    *others, last = alternatives
    for key in others:
        value, depth = value_at(data, key)
        if depth == len(key) and value is not None and value is not False and value != "":
            return key
    return last
