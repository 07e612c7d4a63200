"""Google Cloud audit logs: entries of Cloud Logging whose protoPayload is an AuditLog.

Reference: "Understand audit logs" and the type google.cloud.audit.AuditLog. Covers what
``gcloud logging read --format json``, sinks and ``entries.list`` give.
"""

from audit.recording.importers.item import Refused
from audit.recording.importers.vendors.draft import Actor, Draft, exchange
from audit.recording.importers.vendors.facts import Facts
from audit.recording.importers.vendors.times import take_time
from audit.recording.importers.vendors.vendor import Vendor
from audit.recording.importers.vendors.verbs import change_of

# Codes of google.rpc.Code: PERMISSION_DENIED and UNAUTHENTICATED.
_DENIED = frozenset({"7", "16"})


def _draft(facts: Facts) -> Draft:
    payload = facts.part("protoPayload", "jsonPayload")
    method = payload.take_text("methodName")
    if not method:
        raise Refused("is no entry of Google Cloud's audit log: it has no protoPayload.methodName")
    resource = payload.take_text("resourceName")
    draft = Draft(
        occurred_at=take_time(facts, "timestamp", "receiveTimestamp"),
        event_type=f"gcp.{_full(method, payload.text('serviceName'))}",
        actor=_actor(payload),
        change=change_of(method),
        outcome=_outcome(payload),
        resource_type=facts.text("resource.type") or ("resource" if resource else ""),
        resource_id=resource,
        resource_name=resource.rpartition("/")[2],
        deployment=_project(facts),
        summary=payload.text("status.message"),
        ip=payload.take_address("requestMetadata.callerIp", "requestMetadata.callerIP"),
        user_agent=payload.take_text("requestMetadata.callerSuppliedUserAgent"),
        request_id=facts.text("operation.id"),
        source_id=facts.take_text("insertId"),
    )
    draft.after = exchange(
        request=payload.take("request"),
        response=payload.take("response"),
        service_data=payload.take("serviceData"),
        metadata=payload.take("metadata"),
    )
    return draft


def _full(method: str, service: str) -> str:
    """Short names of methods mean something only with their service: ``iam.SetIamPolicy``."""
    short = service.partition(".")[0]
    return f"{short}.{method}" if short and "." not in method else method


def _project(facts: Facts) -> str:
    if project := facts.text("resource.labels.project_id"):
        return project
    # projects/acme/logs/cloudaudit.googleapis.com%2Factivity, or folders/…, organizations/…
    parts = facts.text("logName").split("/")
    return parts[1] if len(parts) > 2 else ""


def _actor(payload: Facts) -> Actor:
    info = payload.part("authenticationInfo")
    id = info.take_text("principalEmail") or info.text("principalSubject")
    chain = info.parts("serviceAccountDelegationInfo")
    by = next((name for link in chain if (name := _principal(link))), "")
    return Actor(kind=_kind(id), id=id, impersonator=by)


def _principal(link: Facts) -> str:
    return link.text("firstPartyPrincipal.principalEmail", "principalSubject")


def _kind(id: str) -> str:
    if id.endswith("gserviceaccount.com") or id.startswith(("serviceAccount:", "system:service")):
        return "service_account"
    return "system" if not id or id.startswith("system:") else "user"


def _outcome(payload: Facts) -> str:
    code = payload.text("status.code")
    refused = any(item.text("granted") == "false" for item in payload.parts("authorizationInfo"))
    if code in _DENIED or (refused and not code):
        return "denied"
    return "failure" if code not in ("", "0") else "success"


def _recognises(facts: Facts) -> bool:
    return bool(facts.text("protoPayload.methodName"))


GOOGLE_CLOUD = Vendor(
    name="google-cloud",
    description="Google Cloud audit logs: entries of Cloud Logging",
    draft=_draft,
    arrays=(("entries",),),
    recognises=_recognises,
)
