"""The logs of other vendors: one module each, that maps one of the vendor's records to an event.

A mapping takes from the record (``facts``) what the fields of an event say and makes a ``draft``;
``finish`` keeps all that is left. ``record_format`` makes a format of it: files, arrays, envelopes
and identity are the same for all.
"""

from audit.recording.importers.vendors.auto import automatic
from audit.recording.importers.vendors.azure_activity import AZURE_ACTIVITY
from audit.recording.importers.vendors.cloudtrail import CLOUDTRAIL
from audit.recording.importers.vendors.dagster import DAGSTER
from audit.recording.importers.vendors.entra import ENTRA
from audit.recording.importers.vendors.github import GITHUB
from audit.recording.importers.vendors.gitlab import GITLAB
from audit.recording.importers.vendors.google_cloud import GOOGLE_CLOUD
from audit.recording.importers.vendors.google_workspace import GOOGLE_WORKSPACE
from audit.recording.importers.vendors.kestra import KESTRA, KESTRA_CSV
from audit.recording.importers.vendors.kubernetes import KUBERNETES
from audit.recording.importers.vendors.m365 import M365
from audit.recording.importers.vendors.ocsf import OCSF
from audit.recording.importers.vendors.okta import OKTA
from audit.recording.importers.vendors.vendor import Vendor

__all__ = ["AUTO", "KESTRA_CSV", "VENDORS", "Vendor"]

#: Those whose records can be told from each other's.
VENDORS: tuple[Vendor, ...] = (
    CLOUDTRAIL,
    KUBERNETES,
    ENTRA,
    M365,
    AZURE_ACTIVITY,
    OKTA,
    GITHUB,
    GITLAB,
    GOOGLE_WORKSPACE,
    GOOGLE_CLOUD,
    OCSF,
    DAGSTER,
    KESTRA,
)
AUTO = automatic(VENDORS)
