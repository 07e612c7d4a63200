"""Kubernetes audit log: audit.k8s.io events of the API server, EKS and AKS.

Reference: "Auditing" and "kube-apiserver Audit Configuration (v1)" in Kubernetes' documentation.
"""

from audit.recording.importers.item import Refused
from audit.recording.importers.vendors.draft import Actor, Draft, exchange
from audit.recording.importers.vendors.facts import Facts, value_in
from audit.recording.importers.vendors.times import take_time
from audit.recording.importers.vendors.vendor import Record, Vendor
from audit.recording.importers.vendors.verbs import Change

_CHANGES: dict[str, Change] = {
    "create": "created",
    "update": "updated",
    "patch": "updated",
    "delete": "deleted",
    "deletecollection": "deleted",
}
# Subresources by which an object is used, not changed: creating one of these creates nothing.
_USES = frozenset({"exec", "attach", "portforward", "proxy", "token", "log", "eviction", "binding"})
_DENIED = frozenset({"401", "403"})


def _unpack(record: Record) -> list[Record]:
    """The event inside a diagnostic log of AKS; what stands around it is kept beside it."""
    properties = record.get("properties")
    log = properties.get("log") if isinstance(properties, dict) else None
    event = value_in(log) if isinstance(log, str) else log
    if not isinstance(event, dict) or not event.get("verb"):
        return [record]
    around = {name: value for name, value in record.items() if name != "properties"}
    return [event | {"aks": around}]


def _draft(facts: Facts) -> Draft:
    verb = facts.take_text("verb")
    if not verb:
        raise Refused("is no Kubernetes audit event: it has no verb")
    reference = facts.part("objectRef")
    resource, subresource = reference.text("resource"), reference.text("subresource")
    name = reference.text("name") or facts.text(
        "responseObject.metadata.name", "requestObject.metadata.name"
    )
    namespace = reference.text("namespace")
    code = facts.text("responseStatus.code")
    draft = Draft(
        occurred_at=take_time(
            facts, "requestReceivedTimestamp", "stageTimestamp", "timestamp", "aks.time"
        ),
        event_type=".".join(filter(None, ("kubernetes", resource, subresource, verb))),
        actor=_actor(facts),
        change="other" if subresource in _USES else _CHANGES.get(verb, "other"),
        outcome=_outcome(code, facts),
        resource_type=resource or "path",
        resource_id=f"{namespace}/{name}" if namespace and name else name,
        resource_name=name if resource else "",
        deployment=namespace,
        summary=facts.text("responseStatus.message"),
        ip=facts.take_address("sourceIPs.0"),
        user_agent=facts.take_text("userAgent"),
        request_id=facts.text("auditID"),
        source_id=facts.take_text("auditID"),
        after=exchange(request=facts.take("requestObject"), response=facts.take("responseObject")),
    )
    if not resource:
        draft.resource_id = facts.text("requestURI")
    return draft


def _actor(facts: Facts) -> Actor:
    """Who the request counts as; with impersonation, its sender is the impersonator."""
    sender = facts.text("user.username")
    counts_as = facts.take_text("impersonatedUser.username")
    id = counts_as or sender
    return Actor(kind=_kind(id), id=id, impersonator=sender if counts_as else "")


def _kind(username: str) -> str:
    if username.startswith("system:serviceaccount:"):
        return "service_account"
    return "system" if username.startswith("system:") or not username else "user"


def _outcome(code: str, facts: Facts) -> str:
    decision = facts.text(("annotations", "authorization.k8s.io/decision"))
    if code in _DENIED or decision == "forbid":
        return "denied"
    return "failure" if code.isdecimal() and int(code) >= 400 else "success"


def _recognises(facts: Facts) -> bool:
    event = Facts(_unpack(facts.record)[0])
    return bool(event.text("verb")) and (
        event.text("apiVersion").startswith("audit.k8s.io/")
        or (event.text("kind") == "Event" and isinstance(event.get("objectRef", "user"), dict))
    )


KUBERNETES = Vendor(
    name="kubernetes",
    description="Kubernetes audit log: lines, EventList, webhook batches, EKS, AKS",
    draft=_draft,
    arrays=(("items",),),
    unpack=_unpack,
    recognises=_recognises,
)
