"""Reads CloudFormation templates and CDK's output: the IAM and Amazon Connect resources that they would create.

References, parameters, conditions and functions are resolved as CloudFormation would. Values that only a deployed stack
has are left out, unless the seed's settings provide them.

Spec: AWS CloudFormation User Guide; AWS CloudFormation Template Reference
Evidence: documented
"""

from __future__ import annotations

from collections.abc import Sequence

from emulator.seeds.cloudformation.connect import link_instances, read_connect
from emulator.seeds.cloudformation.exports import Exports
from emulator.seeds.cloudformation.files import exports_listed, refuse_other_files, unwrapped
from emulator.seeds.cloudformation.memberships import read_memberships
from emulator.seeds.cloudformation.other_resources import report_generated_names, report_other_resources
from emulator.seeds.cloudformation.parameters import check_given
from emulator.seeds.cloudformation.places import WrittenPlaces, path_in_cdk
from emulator.seeds.cloudformation.policies import read_additions, read_managed_policies
from emulator.seeds.cloudformation.principals import read_principals
from emulator.seeds.cloudformation.reading import Elsewhere, Reading
from emulator.seeds.cloudformation.resources import Template
from emulator.seeds.cloudformation.saml_providers import read_saml_providers
from emulator.seeds.contents import SeedContents, SeedError
from emulator.seeds.seed_text import Seed


def read_template(seed: Seed, others: Sequence[Seed]) -> SeedContents:
    """Reads the resources that a template creates.

    Args:
        seed: The template, or another file of CloudFormation or CDK.
        others: The other seeds of the world, from which it may import values.

    Raises:
        SeedError: it is not a template, or CloudFormation would refuse one of its parameters.
    """
    if list(exports_listed(seed.text.data)):
        return SeedContents("aws cloudformation list-exports", is_written_by_a_program=True)
    try:
        return _read(seed, others)
    except RecursionError:
        raise SeedError("the template is nested too deeply") from None


def _read(seed: Seed, others: Sequence[Seed]) -> SeedContents:
    is_answer = not isinstance(seed.text.data, dict) or "TemplateBody" in seed.text.data
    own = unwrapped(seed)
    refuse_other_files(own.text.data)
    exports = Exports([own, *others])
    template, *_ = exports.templates
    parameters = template.data.get("Parameters")
    check_given(parameters if isinstance(parameters, dict) else {}, seed.settings.parameters)
    around = ("TemplateBody",) if is_answer else ()
    places = WrittenPlaces(template, around)
    contents = SeedContents(
        "CloudFormation template",
        text=places.text,
        written=places.written,
        is_written_by_a_program=is_answer or any(map(path_in_cdk, template.all.values())),
    )
    part = contents.account()
    part.places[()] = ("Resources",)
    in_account = [each for each in others if each.settings.account_id == seed.settings.account_id]
    elsewhere = Elsewhere(seed.settings.own, _neighbours(template, exports), in_account)
    _read_all(Reading(template, contents, part, elsewhere))
    return contents


def _neighbours(template: Template, exports: Exports) -> Sequence[Template]:
    account_id = template.stack.account_id
    return [each for each in exports.templates if each is not template and each.stack.account_id == account_id]


def _read_all(reading: Reading) -> None:
    link_instances(reading)
    for loop in reading.template.loops.unknown:
        repeated = reading.template.data["Resources"][loop]
        if "Deny" in str(repeated):
            reading.exclude_mentioned(repeated)
    read_managed_policies(reading)
    read_saml_providers(reading)
    read_principals(reading)
    read_additions(reading)
    read_memberships(reading)
    read_connect(reading)
    reading.finish()
    report_other_resources(reading)
    report_generated_names(reading)
