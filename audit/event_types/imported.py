"""Labels of the event types that other vendors' logs bring: thousands, that nobody declares.

``aws.iam.UpdateAssumeRolePolicy`` reads "Update assume role policy (AWS IAM)". Importers make the
slugs; docs/importing.md tells how. A slug of no known vendor is shown as it is.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

#: The first part of a slug, and what the vendor is called.
VENDORS: Mapping[str, str] = {
    "aws": "AWS",
    "azure": "Azure",
    "entra": "Entra",
    "gcp": "Google Cloud",
    "github": "GitHub",
    "gitlab": "GitLab",
    "google_workspace": "Google Workspace",
    "kubernetes": "Kubernetes",
    "m365": "Microsoft 365",
    "ocsf": "OCSF",
    "okta": "Okta",
}
# Vendors whose slugs say what was acted on, then how; and what stands between.
_VERB_LAST: Mapping[str, str] = {"kubernetes": ".", "azure": "/"}
# Vendors whose slugs name a service before the action.
_WITH_SERVICE = frozenset({"aws", "google_workspace", "m365"})
_BETWEEN_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[._/\s]+")
_VERSION = re.compile(r"v[0-9]+((alpha|beta)[0-9]+)?")
_ACRONYM = 3  # letters: iam, ec2 and kms are said in capitals, lambda is not


@lru_cache(maxsize=4096)
def readable(slug: str) -> str:
    """The label of a type that is not declared."""
    return _read(slug) or slug


def _read(slug: str) -> str:
    prefix, _, rest = slug.partition(".")
    vendor = VENDORS.get(prefix)
    if not vendor:
        return ""
    if prefix in _WITH_SERVICE and "." in rest:
        service, _, rest = rest.partition(".")
        vendor = f"{vendor} {_service(service)}"
    elif prefix in _VERB_LAST:
        *resource, verb = rest.split(_VERB_LAST[prefix])
        return _labelled(f"{verb} {'/'.join(resource)}", vendor)
    elif prefix == "gcp":
        parts = [part for part in rest.split(".") if not _VERSION.fullmatch(part)]
        # SetIamPolicy says it all, instances.insert needs both.
        rest = ".".join(parts[-1:] if parts[-1:] and parts[-1][:1].isupper() else parts[-2:])
    return _labelled(_sentence(rest), vendor)


def _labelled(text: str, vendor: str) -> str:
    text = text.strip()
    return f"{text[:1].upper()}{text[1:]} ({vendor})" if text else ""


def _service(name: str) -> str:
    return name.upper() if len(name) <= _ACRONYM else name.capitalize()


def _sentence(name: str) -> str:
    """The words of a name as in a sentence; acronyms and cmdlets (``New-InboxRule``) stay."""
    if "-" in name:
        return name
    words = [word for word in _BETWEEN_WORDS.split(name) if word]
    shouted = name.isupper()
    return " ".join(w if w.isupper() and len(w) > 1 and not shouted else w.lower() for w in words)
