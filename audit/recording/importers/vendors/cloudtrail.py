"""AWS CloudTrail: files in S3, ``aws cloudtrail lookup-events``, EventBridge, CloudTrail Lake.

Reference: "CloudTrail record contents" in the CloudTrail User Guide.
"""

import re
from collections.abc import Mapping

from audit.recording.importers.item import Refused
from audit.recording.importers.vendors.draft import Actor, Draft, exchange
from audit.recording.importers.vendors.facts import Facts, text_of, value_in
from audit.recording.importers.vendors.times import take_time
from audit.recording.importers.vendors.vendor import Record, Vendor
from audit.recording.importers.vendors.verbs import change_of, words_of

_USERS = {"IAMUser", "Root", "FederatedUser", "SAMLUser", "WebIdentityUser", "IdentityCenterUser"}
_SERVICES = {"AssumedRole", "Role", "AWSAccount"}
_DENIED = re.compile("AccessDenied|Unauthorized|Forbidden|NotAuthorized")
# What a request names its resource by: roleName, bucketName, instanceId, policyArn.
_NAMING = re.compile(r"(?P<noun>\w+?)(Name|Arn|ARN|Id|ID|Identifier)")


def _unpack(record: Record) -> list[Record]:
    """The event inside an answer of lookup-events or a message of EventBridge."""
    inside = record.get("CloudTrailEvent")
    value = value_in(inside) if isinstance(inside, str) else record.get("detail")
    if isinstance(value, dict) and Facts(value).get("eventName"):
        return [value]
    return [record]


def _draft(facts: Facts) -> Draft:
    source, name = facts.take_text("eventSource"), facts.take_text("eventName")
    if not source or not name:
        raise Refused("is no CloudTrail event: it has no eventSource and eventName")
    draft = Draft(
        occurred_at=take_time(facts, "eventTime"),
        event_type=f"aws.{source.partition('.')[0]}.{name}",
        actor=_actor(facts, source),
        change="other" if facts.text("readOnly") == "true" else change_of(name),
        outcome=_outcome(facts),
        deployment="/".join(filter(None, map(facts.text, ("recipientAccountId", "awsRegion")))),
        summary=": ".join(filter(None, map(facts.text, ("errorCode", "errorMessage")))),
        ip=facts.take_address("sourceIPAddress"),
        user_agent=facts.take_text("userAgent"),
        request_id=facts.take_text("requestID"),
        source_id=facts.take_text("eventID"),
    )
    if facts.get("userIdentity.sessionContext"):  # temporary keys live as long as the session
        draft.session = facts.take_text("userIdentity.accessKeyId")
    _name_resource(draft, facts, name)
    draft.after = exchange(
        request=facts.take("requestParameters"),
        response=facts.take("responseElements"),
        service_event=facts.take("serviceEventDetails"),
    )
    return draft


def _actor(facts: Facts, source: str) -> Actor:
    identity = facts.part("userIdentity")
    type, arn = identity.text("type"), identity.take_text("arn")
    invoked_by = identity.text("invokedBy")
    is_service = type == "AWSService" or facts.text("eventType") == "AwsServiceEvent"
    service = invoked_by or (source if is_service else "")
    id = arn or identity.text("userName", "principalId", "accountId") or service
    kind = _kind(type, arn, is_service or id == service)
    name = identity.text("userName") or arn.rpartition("/")[2]
    by = identity.text("sessionContext.sourceIdentity") or (invoked_by if arn else "")
    return Actor(kind=kind, id=id, name=name if name != id else "", impersonator=by)


def _kind(type: str, arn: str, is_service: bool) -> str:
    if type in _USERS or ":user/" in arn:
        return "user"
    if type in _SERVICES or ":assumed-role/" in arn:
        return "service_account"
    return "system" if is_service else "user"


def _outcome(facts: Facts) -> str:
    code = facts.text("errorCode")
    if _DENIED.search(code):
        return "denied"
    signed_in = facts.text("responseElements.ConsoleLogin")
    return "failure" if code or signed_in == "Failure" else "success"


def _name_resource(draft: Draft, facts: Facts, event_name: str) -> None:
    for resource in facts.parts("resources"):
        if arn := resource.text("ARN", "arn", "resourceName"):
            draft.resource_id = arn
            draft.resource_type = resource.text("type", "resourceType") or "resource"
            draft.resource_name = _last_part(arn)
            return
    request = facts.part("requestParameters").record
    named = {key: text_of(value) for key, value in request.items() if text_of(value)}
    if found := _best_named(named, words_of(event_name)):
        draft.resource_type, draft.resource_id = found
        draft.resource_name = _last_part(draft.resource_id)


def _last_part(arn: str) -> str:
    """``arn:aws:iam::123:role/ops/admin`` is called admin; what is no ARN is called what it is."""
    return re.split("[/:]", arn)[-1] if arn.startswith("arn:") else arn


def _best_named(named: Mapping[str, str], words: list[str]) -> tuple[str, str] | None:
    """The parameter that names what the action's own words speak of, else the first that names."""
    nouns = {
        "_".join(words_of(found["noun"])): text
        for key, text in named.items()
        if (found := _NAMING.fullmatch(key))
    }
    spoken_of = [noun for noun in nouns if noun.rpartition("_")[2] in words]
    noun = next(iter(spoken_of or nouns), "")
    return (noun, nouns[noun]) if noun else None


def _recognises(facts: Facts) -> bool:
    event = Facts(_unpack(facts.record)[0])
    return bool(event.text("eventSource").endswith(".amazonaws.com") and event.text("eventName"))


CLOUDTRAIL = Vendor(
    name="cloudtrail",
    description="AWS CloudTrail: files of S3, lookup-events, EventBridge",
    draft=_draft,
    arrays=(("Records",), ("Events",)),
    unpack=_unpack,
    recognises=_recognises,
    passed_over=frozenset({"CloudTrail-Digest"}),
)
