"""Azure activity log: diagnostic settings, and ``az monitor activity-log list``.

Reference: "Azure activity log event schema".
"""

from audit.recording.importers.item import Refused
from audit.recording.importers.vendors.draft import Actor, Draft, exchange
from audit.recording.importers.vendors.facts import Facts, value_in
from audit.recording.importers.vendors.times import take_time
from audit.recording.importers.vendors.vendor import Vendor
from audit.recording.importers.vendors.verbs import change_of

_DENIED = frozenset({"401", "403", "unauthorized", "forbidden"})
_FAILED = frozenset({"failure", "failed"})
_NAME = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name"


def _draft(facts: Facts) -> Draft:
    operation = facts.text("operationName.value", "operationName")
    if not operation:
        raise Refused("is no entry of Azure's activity log: it has no operationName")
    facts.take("operationName")
    # Written in capitals by some exports: the provider's name means the same either way.
    slug = operation.lower().replace("microsoft.", "", 1)
    resource = facts.text("resourceId")
    draft = Draft(
        occurred_at=take_time(facts, "time", "eventTimestamp"),
        event_type=f"azure.{slug}",
        actor=_actor(facts),
        change="deleted" if slug.endswith("/delete") else change_of(slug),
        outcome=_outcome(facts),
        resource_type=facts.text("resourceType.value") or _type_in(resource),
        resource_id=resource,
        resource_name=resource.rpartition("/")[2],
        deployment=_subscription(resource) or facts.text("subscriptionId", "tenantId"),
        summary=facts.text("properties.statusMessage", "statusText"),
        ip=facts.take_address("callerIpAddress", "httpRequest.clientIpAddress"),
        request_id=facts.text("correlationId"),
        source_id=facts.take_text("eventDataId"),
    )
    bodies = [facts.take("properties.requestbody"), facts.take("properties.responseBody")]
    request, response = (value_in(body) if isinstance(body, str) else body for body in bodies)
    draft.after = exchange(request=request, response=response)
    return draft


def _type_in(resource: str) -> str:
    """The last type in a resource's id: ``…/Microsoft.Network/networkSecurityGroups/x``."""
    parts = resource.split("/")
    return parts[-2] if len(parts) > 2 else "resource" if resource else ""


def _actor(facts: Facts) -> Actor:
    claims = facts.part("identity.claims", "claims")
    id = facts.text("caller") or claims.text("name", (_NAME,), "upn", "appid")
    identity = facts.text("identity") or facts.text("properties.caller")
    app_only = claims.text("idtyp") == "app" or (claims.text("appid") == id and bool(id))
    kind = "service_account" if app_only else "user"
    return Actor(kind=kind if id or identity else "system", id=id or identity)


def _subscription(resource: str) -> str:
    parts = resource.split("/")
    return parts[2] if len(parts) > 2 and parts[1].lower() == "subscriptions" else ""


def _outcome(facts: Facts) -> str:
    signature = facts.text("resultSignature", "subStatus.value", "statusCode").lower()
    result = facts.text("resultType", "status.value").lower()
    if signature in _DENIED or signature.startswith(("unauthorized", "forbidden")):
        return "denied"
    return "failure" if result in _FAILED else "success"


def _recognises(facts: Facts) -> bool:
    operation = facts.text("operationName.value", "operationName").lower()
    is_resource = facts.text("resourceId").lower().startswith("/subscriptions/")
    return (
        operation.startswith("microsoft.")
        and operation.count("/") > 0
        and (is_resource or facts.text("category") in ("Administrative", "Policy", "Security"))
    )


AZURE_ACTIVITY = Vendor(
    name="azure-activity",
    description="Azure activity log: diagnostic settings, az monitor activity-log list",
    draft=_draft,
    arrays=(("records",), ("value",)),
    recognises=_recognises,
)
