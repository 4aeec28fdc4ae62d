"""Amazon Connect as Terraform's provider calls it: what it makes it reads again, changes, and takes away."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.flow import log_in
from tests.conftest import ACCOUNT, APP, INSTANCE_ID, USER
from tests.sdk import Sdk, refused

REGION = "ap-northeast-1"
ARN = f"arn:aws:connect:{REGION}:{ACCOUNT}:instance/{INSTANCE_ID}"
ON = {"InstanceId": INSTANCE_ID}
DAY = {"Day": "MONDAY", "StartTime": {"Hours": 9, "Minutes": 0}, "EndTime": {"Hours": 17, "Minutes": 30}}


@pytest.fixture
def connect(sdk: Sdk) -> Any:
    """Returns the administrator's client in the instance's region."""
    return sdk("connect", region=REGION)


def _hours(connect: Any) -> str:
    made = connect.create_hours_of_operation(**ON, Name="Office", TimeZone="Asia/Tokyo", Config=[DAY])
    return str(made["HoursOfOperationId"])


def _queue(connect: Any, name: str = "Sales") -> str:
    hours = connect.list_hours_of_operations(**ON)["HoursOfOperationSummaryList"][0]["Id"]
    return str(connect.create_queue(**ON, Name=name, HoursOfOperationId=hours)["QueueId"])


def _routing_profile(connect: Any, **more: Any) -> dict[str, str]:
    asked: dict[str, Any] = {
        "Name": "Sales agents",
        "Description": "Takes orders",
        "MediaConcurrencies": [_concurrency("VOICE", 1)],
    }
    if "DefaultOutboundQueueId" not in more:
        asked["DefaultOutboundQueueId"] = _queue(connect)
    made = connect.create_routing_profile(**ON, **{**asked, **more})
    return {"id": made["RoutingProfileId"], "arn": made["RoutingProfileArn"]}


def _concurrency(channel: str, contacts: int) -> dict[str, Any]:
    return {"Channel": channel, "Concurrency": contacts}


def _user(connect: Any, login: str = USER) -> Any:
    users = connect.list_users(**ON)["UserSummaryList"]
    user_id = next(each["Id"] for each in users if each["Username"] == login)
    return connect.describe_user(**ON, UserId=user_id)["User"]


def test_instance_attributes_are_switched_and_read(connect: Any) -> None:
    """A new instance has those that Terraform takes for its defaults; calls are switched where it was made."""
    attributes = {}
    for page in connect.get_paginator("list_instance_attributes").paginate(**ON, PaginationConfig={"PageSize": 7}):
        assert len(page["Attributes"]) <= 7
        attributes.update({each["AttributeType"]: each["Value"] for each in page["Attributes"]})
    terraform = {
        "AUTO_RESOLVE_BEST_VOICES": "true",
        "CONTACTFLOW_LOGS": "false",
        "CONTACT_LENS": "true",
        "EARLY_MEDIA": "true",
        "INBOUND_CALLS": "true",
        "MULTI_PARTY_CONFERENCE": "false",
        "OUTBOUND_CALLS": "true",
    }
    assert {name: attributes[name] for name in terraform} == terraform
    connect.update_instance_attribute(**ON, AttributeType="CONTACT_LENS", Value="false")
    connect.update_instance_attribute(**ON, AttributeType="INBOUND_CALLS", Value="false")
    described = connect.describe_instance_attribute(**ON, AttributeType="CONTACT_LENS")["Attribute"]
    assert described == {"AttributeType": "CONTACT_LENS", "Value": "false"}
    instance = connect.describe_instance(**ON)["Instance"]
    assert (instance["InboundCallsEnabled"], instance["OutboundCallsEnabled"]) == (False, True)
    with refused("InvalidParameterException", "Value must be true or false", status=400):
        connect.update_instance_attribute(**ON, AttributeType="CONTACT_LENS", Value="maybe")


def test_an_instance_is_made_with_its_calls_switched(connect: Any) -> None:
    """What CreateInstance says of calls is what its attributes say."""
    made = connect.create_instance(
        IdentityManagementType="SAML",
        InstanceAlias="second",
        InboundCallsEnabled=False,
        OutboundCallsEnabled=True,
    )
    read = connect.describe_instance_attribute(InstanceId=made["Id"], AttributeType="INBOUND_CALLS")
    assert read["Attribute"]["Value"] == "false"
    assert connect.describe_instance(InstanceId=made["Id"])["Instance"]["InboundCallsEnabled"] is False


def test_everything_with_an_arn_can_be_tagged(connect: Any) -> None:
    """Tags are set, listed, shown where the resource is described, and taken away."""
    profile = _routing_profile(connect)
    security = connect.list_security_profiles(**ON)["SecurityProfileSummaryList"][0]
    queue = connect.list_queues(**ON, QueueTypes=["STANDARD"])["QueueSummaryList"][0]
    hours = connect.list_hours_of_operations(**ON)["HoursOfOperationSummaryList"][0]
    connect.update_user_hierarchy_structure(**ON, HierarchyStructure={"LevelOne": {"Name": "Division"}})
    group = connect.create_user_hierarchy_group(**ON, Name="East")["HierarchyGroupArn"]
    arns = [ARN, _user(connect)["Arn"], profile["arn"], security["Arn"], queue["Arn"], hours["Arn"], group]
    for arn in arns:
        connect.tag_resource(resourceArn=arn, tags={"team": "voice", "cost": "1"})
        connect.tag_resource(resourceArn=arn, tags={"cost": "2"})
        assert connect.list_tags_for_resource(resourceArn=arn)["tags"] == {"team": "voice", "cost": "2"}
        connect.untag_resource(resourceArn=arn, tagKeys=["cost", "other"])
        assert connect.list_tags_for_resource(resourceArn=arn)["tags"] == {"team": "voice"}
    assert connect.describe_instance(**ON)["Instance"]["Tags"] == {"team": "voice"}
    assert _user(connect)["Tags"] == {"team": "voice"}
    described = connect.describe_routing_profile(**ON, RoutingProfileId=profile["id"])["RoutingProfile"]
    assert described["Tags"] == {"team": "voice"}


def test_tags_that_cannot_be(connect: Any) -> None:
    """No such resource, and more tags than one can have."""
    arn = f"{ARN}/agent/nobody"
    with refused("ResourceNotFoundException", f"Resource {arn} not found", status=404):
        connect.list_tags_for_resource(resourceArn=arn)
    with refused("InvalidParameterException", "A resource can have at most 50 tags", status=400):
        connect.tag_resource(resourceArn=ARN, tags={f"key{number}": "x" for number in range(50)})
        connect.tag_resource(resourceArn=ARN, tags={"one": "more"})


def test_a_security_profile_from_birth_to_death(connect: Any, federation: Federation) -> None:
    """Its permissions decide whether the users who have it may open the CCP."""
    made = connect.create_security_profile(
        **ON,
        SecurityProfileName="Sales",
        Description="May sell",
        Permissions=["BasicAgentAccess", "OutboundCallAccess"],
        AllowedAccessControlTags={"team": "voice"},
        TagRestrictedResources=["User"],
        Tags={"team": "voice"},
    )
    named = {**ON, "SecurityProfileId": made["SecurityProfileId"]}
    assert made["SecurityProfileArn"] == f"{ARN}/security-profile/{made['SecurityProfileId']}"
    profile = connect.describe_security_profile(**named)["SecurityProfile"]
    assert (profile["SecurityProfileName"], profile["Description"]) == ("Sales", "May sell")
    assert (profile["AllowedAccessControlTags"], profile["TagRestrictedResources"]) == ({"team": "voice"}, ["User"])
    assert (profile["Id"], profile["Tags"]) == (made["SecurityProfileId"], {"team": "voice"})
    listed = connect.list_security_profiles(**ON)["SecurityProfileSummaryList"]
    assert [each["Name"] for each in listed] == ["Admin", "Agent", "CallCenterManager", "QualityAnalyst", "Sales"]
    pages = connect.get_paginator("list_security_profile_permissions").paginate(
        **named, PaginationConfig={"PageSize": 1}
    )
    assert [page["Permissions"] for page in pages] == [["BasicAgentAccess"], ["OutboundCallAccess"]]
    user_id = _user(connect)["Id"]
    connect.update_user_security_profiles(**ON, UserId=user_id, SecurityProfileIds=[made["SecurityProfileId"]])
    instance = federation.aws_services.aws.instance(INSTANCE_ID)
    assert instance is not None
    assert instance.may_open_ccp(instance.users[USER])
    connect.update_security_profile(**named, Description="May not sell", Permissions=[])
    assert connect.list_security_profile_permissions(**named)["Permissions"] == []
    instance = federation.aws_services.aws.instance(INSTANCE_ID)
    assert instance is not None
    assert not instance.may_open_ccp(instance.users[USER])
    with refused("ResourceInUseException", "The security profile Sales is in use", status=409):
        connect.delete_security_profile(**named)
    connect.update_user_security_profiles(**ON, UserId=user_id, SecurityProfileIds=[listed[1]["Id"]])
    connect.delete_security_profile(**named)
    words = f"Security profile with ID {made['SecurityProfileId']} not found"
    with refused("ResourceNotFoundException", words, status=404):
        connect.describe_security_profile(**named)


def test_permissions_of_a_profile_that_every_instance_has(connect: Any) -> None:
    """The one that a login needs."""
    agent = connect.list_security_profiles(**ON)["SecurityProfileSummaryList"][1]
    permissions = connect.list_security_profile_permissions(**ON, SecurityProfileId=agent["Id"])["Permissions"]
    assert (agent["Name"], permissions) == ("Agent", ["BasicAgentAccess"])


def test_a_routing_profile_from_birth_to_death(connect: Any, federation: Federation) -> None:
    """Made, read, changed by its four operations, given to a user, renamed with the user, and deleted."""
    queue, other = _queue(connect, "Support"), _queue(connect, "Orders")
    config = {"QueueReference": {"QueueId": other, "Channel": "VOICE"}, "Priority": 1, "Delay": 30}
    profile = _routing_profile(connect, DefaultOutboundQueueId=queue, QueueConfigs=[config], Tags={"team": "voice"})
    named = {**ON, "RoutingProfileId": profile["id"]}
    assert profile["arn"] == f"{ARN}/routing-profile/{profile['id']}"
    read = connect.describe_routing_profile(**named)["RoutingProfile"]
    assert (read["Name"], read["Description"], read["DefaultOutboundQueueId"]) == (
        "Sales agents",
        "Takes orders",
        queue,
    )
    assert read["MediaConcurrencies"] == [
        {
            "Channel": "VOICE",
            "Concurrency": 1,
            "CrossChannelBehavior": {"BehaviorType": "ROUTE_CURRENT_CHANNEL_ONLY"},
        }
    ]
    assert (read["NumberOfAssociatedQueues"], read["NumberOfAssociatedUsers"], read["IsDefault"]) == (1, 0, False)
    assert (read["AssociatedQueueIds"], read["Tags"]) == ([other], {"team": "voice"})
    queues = connect.list_routing_profile_queues(**named)["RoutingProfileQueueConfigSummaryList"]
    assert queues == [
        {
            "QueueId": other,
            "QueueArn": f"{ARN}/queue/{other}",
            "QueueName": "Orders",
            "Priority": 1,
            "Delay": 30,
            "Channel": "VOICE",
        }
    ]
    federation.clock.advance(timedelta(minutes=1))
    connect.update_routing_profile_concurrency(**named, MediaConcurrencies=[_concurrency("CHAT", 5)])
    connect.update_routing_profile_default_outbound_queue(**named, DefaultOutboundQueueId=other)
    connect.update_routing_profile_queues(**named, QueueConfigs=[{**config, "Priority": 2}])
    more = {"QueueReference": {"QueueId": queue, "Channel": "CHAT"}, "Priority": 3, "Delay": 0}
    connect.associate_routing_profile_queues(**named, QueueConfigs=[more])
    queues = connect.list_routing_profile_queues(**named)["RoutingProfileQueueConfigSummaryList"]
    assert [(each["QueueName"], each["Channel"], each["Priority"]) for each in queues] == [
        ("Orders", "VOICE", 2),
        ("Support", "CHAT", 3),
    ]
    connect.disassociate_routing_profile_queues(**named, QueueReferences=[{"QueueId": other, "Channel": "VOICE"}])
    read = connect.describe_routing_profile(**named)["RoutingProfile"]
    assert (read["DefaultOutboundQueueId"], read["AssociatedQueueIds"]) == (other, [queue])
    assert [(each["Channel"], each["Concurrency"]) for each in read["MediaConcurrencies"]] == [("CHAT", 5)]
    assert read["LastModifiedTime"] == federation.clock.now()
    user_id = _user(connect)["Id"]
    connect.update_user_routing_profile(**ON, UserId=user_id, RoutingProfileId=profile["id"])
    connect.update_routing_profile_name(**named, Name="Order takers", Description="Renamed")
    assert _user(connect)["RoutingProfileId"] == profile["id"]
    with refused("ResourceInUseException", "The routing profile Order takers is in use", status=409):
        connect.delete_routing_profile(**named)
    basic = connect.list_routing_profiles(**ON)["RoutingProfileSummaryList"][0]
    assert basic["Name"] == "Basic Routing Profile"
    connect.update_user_routing_profile(**ON, UserId=user_id, RoutingProfileId=basic["Id"])
    connect.delete_routing_profile(**named)
    with refused("ResourceNotFoundException", f"Routing profile with ID {profile['id']} not found", status=404):
        connect.describe_routing_profile(**named)


def test_routing_profiles_that_cannot_be_made(connect: Any) -> None:
    """A name that is taken, a queue that is not there, two calls at once."""
    _routing_profile(connect)
    queue = connect.list_queues(**ON)["QueueSummaryList"][0]["Id"]
    words = "Routing profile with the name Sales agents already exists"
    with refused("DuplicateResourceException", words, status=409):
        _routing_profile(connect, DefaultOutboundQueueId=queue)
    with refused("ResourceNotFoundException", "Queue with ID nope not found", status=404):
        _routing_profile(connect, Name="Other", DefaultOutboundQueueId="nope")
    with refused("InvalidParameterException", "Concurrency of VOICE must be at most 1", status=400):
        _routing_profile(
            connect, Name="Other", DefaultOutboundQueueId=queue, MediaConcurrencies=[_concurrency("VOICE", 2)]
        )


def test_a_queue_from_birth_to_death(connect: Any) -> None:
    """Made with hours, read, changed by its operations, and deleted when no routing profile has it."""
    hours, office = connect.list_hours_of_operations(**ON)["HoursOfOperationSummaryList"][0]["Id"], _hours(connect)
    made = connect.create_queue(
        **ON,
        Name="Support",
        Description="Helps",
        HoursOfOperationId=hours,
        MaxContacts=10,
        OutboundCallerConfig={"OutboundCallerIdName": "Acme"},
        Tags={"team": "voice"},
    )
    named = {**ON, "QueueId": made["QueueId"]}
    assert made["QueueArn"] == f"{ARN}/queue/{made['QueueId']}"
    queue = connect.describe_queue(**named)["Queue"]
    assert (queue["Name"], queue["Description"], queue["HoursOfOperationId"]) == ("Support", "Helps", hours)
    assert (queue["MaxContacts"], queue["Status"], queue["Tags"]) == (10, "ENABLED", {"team": "voice"})
    assert queue["OutboundCallerConfig"] == {"OutboundCallerIdName": "Acme"}
    assert connect.list_queue_quick_connects(**named)["QuickConnectSummaryList"] == []
    connect.update_queue_name(**named, Name="Help", Description="Helped")
    connect.update_queue_hours_of_operation(**named, HoursOfOperationId=office)
    connect.update_queue_max_contacts(**named, MaxContacts=5)
    connect.update_queue_outbound_caller_config(**named, OutboundCallerConfig={"OutboundCallerIdName": "Help"})
    connect.update_queue_status(**named, Status="DISABLED")
    queue = connect.describe_queue(**named)["Queue"]
    assert (queue["Name"], queue["Description"], queue["HoursOfOperationId"]) == ("Help", "Helped", office)
    assert (queue["MaxContacts"], queue["Status"]) == (5, "DISABLED")
    assert queue["OutboundCallerConfig"] == {"OutboundCallerIdName": "Help"}
    with refused("ResourceInUseException", "The hours of operation Office are in use", status=409):
        connect.delete_hours_of_operation(**ON, HoursOfOperationId=office)
    connect.delete_queue(**named)
    with refused("ResourceNotFoundException", f"Queue with ID {made['QueueId']} not found", status=404):
        connect.describe_queue(**named)
    connect.delete_hours_of_operation(**ON, HoursOfOperationId=office)


def test_queues_that_cannot_be(connect: Any) -> None:
    """A taken name, hours and quick connects that are not there, and one that a routing profile calls from."""
    hours = connect.list_hours_of_operations(**ON)["HoursOfOperationSummaryList"][0]["Id"]
    with refused("DuplicateResourceException", "Queue with the name BasicQueue already exists", status=409):
        connect.create_queue(**ON, Name="BasicQueue", HoursOfOperationId=hours)
    with refused("ResourceNotFoundException", "Hours of operation with ID nope not found", status=404):
        connect.create_queue(**ON, Name="Support", HoursOfOperationId="nope")
    with refused("ResourceNotFoundException", "Quick connect with ID nope not found", status=404):
        connect.create_queue(**ON, Name="Support", HoursOfOperationId=hours, QuickConnectIds=["nope"])
    basic = connect.list_queues(**ON, QueueTypes=["STANDARD"])["QueueSummaryList"][0]
    with refused("ResourceInUseException", "The queue BasicQueue is in use", status=409):
        connect.delete_queue(**ON, QueueId=basic["Id"])


def test_each_agent_has_a_queue_of_their_own(connect: Any) -> None:
    """Listed unless standard queues are asked for; what the basic one is renamed to keeps its id."""
    pages = connect.get_paginator("list_queues").paginate(**ON, PaginationConfig={"PageSize": 2})
    listed = [each for page in pages for each in page["QueueSummaryList"]]
    assert [(each["QueueType"], each.get("Name")) for each in listed] == [
        ("STANDARD", "BasicQueue"),
        ("AGENT", None),
        ("AGENT", None),
    ]
    assert listed[1]["Arn"] == f"{ARN}/queue/agent/{_user(connect)['Id']}"
    assert len(connect.list_queues(**ON, QueueTypes=["AGENT"])["QueueSummaryList"]) == 2
    connect.update_queue_name(**ON, QueueId=listed[0]["Id"], Name="First")
    hours = connect.list_hours_of_operations(**ON)["HoursOfOperationSummaryList"][0]["Id"]
    connect.create_queue(**ON, Name="BasicQueue", HoursOfOperationId=hours)
    routing = connect.list_routing_profiles(**ON)["RoutingProfileSummaryList"][0]["Id"]
    described = connect.describe_routing_profile(**ON, RoutingProfileId=routing)["RoutingProfile"]
    assert described["DefaultOutboundQueueId"] == listed[0]["Id"]


def test_hours_of_operation_from_birth_to_death(connect: Any) -> None:
    """Made, read, changed, and deleted; those of the basic queue are in use."""
    hours_id = _hours(connect)
    named = {**ON, "HoursOfOperationId": hours_id}
    hours = connect.describe_hours_of_operation(**named)["HoursOfOperation"]
    assert (hours["Name"], hours["TimeZone"], hours["Config"]) == ("Office", "Asia/Tokyo", [DAY])
    assert hours["HoursOfOperationArn"] == f"{ARN}/operating-hours/{hours_id}"
    connect.update_hours_of_operation(**named, Name="Shop", TimeZone="UTC", Config=[])
    hours = connect.describe_hours_of_operation(**named)["HoursOfOperation"]
    assert (hours["Name"], hours["TimeZone"], hours["Config"]) == ("Shop", "UTC", [])
    listed = connect.list_hours_of_operations(**ON)["HoursOfOperationSummaryList"]
    assert [each["Name"] for each in listed] == ["Basic Hours", "Shop"]
    words = "Hours of operation with the name Shop already exists"
    with refused("DuplicateResourceException", words, status=409):
        connect.create_hours_of_operation(**ON, Name="Shop", TimeZone="UTC", Config=[])
    connect.delete_hours_of_operation(**named)
    with refused("ResourceInUseException", "The hours of operation Basic Hours are in use", status=409):
        connect.delete_hours_of_operation(**ON, HoursOfOperationId=listed[0]["Id"])


def test_the_hierarchy_of_agents(connect: Any) -> None:
    """Levels first, then groups, then agents in them; nothing that is in use goes."""
    with refused("ResourceNotFoundException", "Resource not found", status=404):
        connect.create_user_hierarchy_group(**ON, Name="East")
    assert connect.describe_user_hierarchy_structure(**ON)["HierarchyStructure"] == {}
    two = {"LevelOne": {"Name": "Division"}, "LevelTwo": {"Name": "Team"}}
    connect.update_user_hierarchy_structure(**ON, HierarchyStructure=two)
    levels = connect.describe_user_hierarchy_structure(**ON)["HierarchyStructure"]
    assert {key: level["Name"] for key, level in levels.items()} == {"LevelOne": "Division", "LevelTwo": "Team"}
    east = connect.create_user_hierarchy_group(**ON, Name="East", Tags={"team": "voice"})
    night = connect.create_user_hierarchy_group(**ON, Name="Night", ParentGroupId=east["HierarchyGroupId"])
    with refused("ResourceNotFoundException", "Resource not found", status=404):
        connect.create_user_hierarchy_group(**ON, Name="Deep", ParentGroupId=night["HierarchyGroupId"])
    with refused("DuplicateResourceException", "Hierarchy group with the name East already exists", status=409):
        connect.create_user_hierarchy_group(**ON, Name="East")
    group = connect.describe_user_hierarchy_group(**ON, HierarchyGroupId=night["HierarchyGroupId"])["HierarchyGroup"]
    assert (group["Id"], group["Arn"]) == (night["HierarchyGroupId"], night["HierarchyGroupArn"])
    assert group["LevelId"] == levels["LevelTwo"]["Id"]
    path = {level: each["Name"] for level, each in group["HierarchyPath"].items()}
    assert path == {"LevelOne": "East", "LevelTwo": "Night"}
    connect.update_user_hierarchy_group_name(**ON, HierarchyGroupId=night["HierarchyGroupId"], Name="Late")
    listed = connect.list_user_hierarchy_groups(**ON)["UserHierarchyGroupSummaryList"]
    assert [each["Name"] for each in listed] == ["East", "Late"]
    user_id = _user(connect)["Id"]
    connect.update_user_hierarchy(**ON, UserId=user_id, HierarchyGroupId=night["HierarchyGroupId"])
    assert _user(connect)["HierarchyGroupId"] == night["HierarchyGroupId"]
    for used, name in ((east, "East"), (night, "Late")):
        with refused("ResourceInUseException", f"The hierarchy group {name} is in use", status=409):
            connect.delete_user_hierarchy_group(**ON, HierarchyGroupId=used["HierarchyGroupId"])
    with refused("ResourceInUseException", "The hierarchy level is in use", status=409):
        connect.update_user_hierarchy_structure(**ON, HierarchyStructure={})
    connect.update_user_hierarchy(**ON, UserId=user_id)
    assert "HierarchyGroupId" not in _user(connect)
    for group in (night, east):
        connect.delete_user_hierarchy_group(**ON, HierarchyGroupId=group["HierarchyGroupId"])
    connect.update_user_hierarchy_structure(**ON, HierarchyStructure={"LevelOne": {"Name": "Site"}})
    renamed = connect.describe_user_hierarchy_structure(**ON)["HierarchyStructure"]["LevelOne"]
    assert (renamed["Id"], renamed["Name"]) == (levels["LevelOne"]["Id"], "Site")
    with refused("InvalidParameterException", "Hierarchy levels must follow each other", status=400):
        connect.update_user_hierarchy_structure(**ON, HierarchyStructure={"LevelTwo": {"Name": "Team"}})
    connect.update_user_hierarchy_structure(**ON, HierarchyStructure={})
    assert connect.describe_user_hierarchy_structure(**ON)["HierarchyStructure"] == {}


def test_a_user_as_terraform_makes_and_changes_one(connect: Any, federation: Federation) -> None:
    """With profiles, phone and hierarchy group that calls made; the user logs in, and the CCP has all of it."""
    connect.delete_user(**ON, UserId=_user(connect)["Id"])
    routing = _routing_profile(connect)["id"]
    security = connect.create_security_profile(**ON, SecurityProfileName="Sales", Permissions=["BasicAgentAccess"])[
        "SecurityProfileId"
    ]
    connect.update_user_hierarchy_structure(**ON, HierarchyStructure={"LevelOne": {"Name": "Division"}})
    group = connect.create_user_hierarchy_group(**ON, Name="East")["HierarchyGroupId"]
    phone = {"PhoneType": "SOFT_PHONE", "AutoAccept": True, "AfterContactWorkTimeLimit": 15}
    made = connect.create_user(
        **ON,
        Username=USER,
        IdentityInfo={"FirstName": "Hanako", "LastName": "Sato"},
        PhoneConfig=phone,
        SecurityProfileIds=[security],
        RoutingProfileId=routing,
        HierarchyGroupId=group,
        Tags={"team": "voice"},
    )
    user = _user(connect)
    assert (user["Id"], user["PhoneConfig"], user["HierarchyGroupId"]) == (made["UserId"], phone, group)
    assert (user["SecurityProfileIds"], user["RoutingProfileId"]) == ([security], routing)
    found = connect.search_users(**ON)["Users"][-1]
    assert (found["HierarchyGroupId"], found["PhoneConfig"]["AfterContactWorkTimeLimit"]) == (group, 15_000)
    browser = federation.browser()
    assert log_in(federation, user=USER, app=APP, browser=browser).lands_on == "https://acme.my.connect.aws/home"
    agent = json.loads(browser.open("https://acme.my.connect.aws/api/agent").text)["configuration"]
    assert agent["softphoneAutoAccept"] is True
    assert agent["routingProfile"]["name"] == "Sales agents"
    assert agent["routingProfile"]["routingProfileId"] == f"{ARN}/routing-profile/{routing}"
    assert agent["routingProfile"]["channelConcurrencyMap"] == {"VOICE": 1}
    assert [each["name"] for each in agent["routingProfile"]["queues"]] == ["Sales", ""]
    desk = {"PhoneType": "DESK_PHONE", "DeskPhoneNumber": "+12065550100"}
    connect.update_user_phone_config(**ON, UserId=user["Id"], PhoneConfig=desk)
    assert _user(connect)["PhoneConfig"] == {**desk, "AutoAccept": False, "AfterContactWorkTimeLimit": 0}
    with refused("InvalidParameterException", "DeskPhoneNumber is not valid", status=400):
        connect.update_user_phone_config(**ON, UserId=user["Id"], PhoneConfig={"PhoneType": "DESK_PHONE"})
    with refused("ResourceNotFoundException", "Hierarchy group with ID nope not found", status=404):
        connect.update_user_hierarchy(**ON, UserId=user["Id"], HierarchyGroupId="nope")
    with refused("ResourceNotFoundException", "Routing profile with ID nope not found", status=404):
        connect.update_user_routing_profile(**ON, UserId=user["Id"], RoutingProfileId="nope")


def test_policies_name_what_is_made_and_changed(sdk: Sdk, connect: Any) -> None:
    """Each kind has ARNs of its own, and tags of a call are condition keys; a denial ends with the resource."""
    iam = sdk("iam")
    iam.create_user(UserName="deployer")
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "connect:TagResource",
                "Resource": f"{ARN}/agent/*",
                "Condition": {"StringEquals": {"aws:RequestTag/team": "voice", "connect:InstanceId": INSTANCE_ID}},
            },
            {"Effect": "Deny", "Action": "connect:DeleteQueue", "Resource": "*"},
        ],
    }
    iam.put_user_policy(UserName="deployer", PolicyName="tags", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName="deployer")["AccessKey"]
    deployer = sdk(
        "connect",
        region=REGION,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    arn = _user(connect)["Arn"]
    deployer.tag_resource(resourceArn=arn, tags={"team": "voice"})
    denied = f"User: arn:aws:iam::{ACCOUNT}:user/deployer is not authorized to perform: connect:{{}} on resource: {{}}"
    with refused("AccessDeniedException", denied.format("TagResource", arn), status=403):
        deployer.tag_resource(resourceArn=arn, tags={"team": "chat"})
    made = f"{ARN}/security-profile/*"
    with refused("AccessDeniedException", denied.format("CreateSecurityProfile", made), status=403):
        deployer.create_security_profile(**ON, SecurityProfileName="x")
    queue = connect.list_queues(**ON)["QueueSummaryList"][0]
    with refused("AccessDeniedException", denied.format("DeleteQueue", queue["Arn"]), status=403):
        deployer.delete_queue(**ON, QueueId=queue["Id"])
