"""Texts that are secrets by their form: tokens, keys and passwords that give themselves away.

The forms are those of detect-secrets. It runs each of them over every line, which would cost
more than all else of recording together; so a text is first searched for what a secret of each
form must hold (its anchors), and few texts hold any.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, cast

from detect_secrets.plugins.artifactory import ArtifactoryDetector
from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.plugins.basic_auth import BasicAuthDetector
from detect_secrets.plugins.discord import DiscordBotTokenDetector
from detect_secrets.plugins.github_token import GitHubTokenDetector
from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
from detect_secrets.plugins.jwt import JwtTokenDetector
from detect_secrets.plugins.mailchimp import MailchimpDetector
from detect_secrets.plugins.npm import NpmDetector
from detect_secrets.plugins.openai import OpenAIDetector
from detect_secrets.plugins.private_key import PrivateKeyDetector
from detect_secrets.plugins.pypi_token import PypiTokenDetector
from detect_secrets.plugins.sendgrid import SendGridDetector
from detect_secrets.plugins.slack import SlackDetector
from detect_secrets.plugins.square_oauth import SquareOAuthDetector
from detect_secrets.plugins.stripe import StripeDetector
from detect_secrets.plugins.telegram_token import TelegramBotTokenDetector

from audit.models.api_key import KEY_PATTERN


class NewerTokenDetector(RegexBasedDetector):
    """Our own keys and tokens, and forms that came up after the last release of detect-secrets."""

    secret_type = "Newer token"  # noqa: S105 -- the name of the form
    denylist = (
        KEY_PATTERN,
        re.compile(r"\bbt_[A-Za-z0-9._-]{20,}:[A-Za-z0-9_:-]{40,}"),
        re.compile(r"github_pat_[A-Za-z0-9_]{22,}"),
        re.compile(r"sk-(?:proj|ant|svcacct|admin)-[A-Za-z0-9_-]{20,}"),
        re.compile(r"AIza[A-Za-z0-9_-]{35}"),
        re.compile(r"\b(?:npm|hf|dop_v1|glsa|xapp)[_-][A-Za-z0-9_-]{30,}"),
    )


class SignedAddressDetector(RegexBasedDetector):
    """Signatures and tokens in the query of an address, which let anybody in who has it."""

    secret_type = "Signed address"  # noqa: S105 -- the name of the form
    denylist = (
        re.compile(
            r"[?&](?:sig|signature|access_token|X-Amz-Signature|X-Goog-Signature)="
            r"([^&\s\"'<>]{16,})",
            re.IGNORECASE,
        ),
    )


@dataclass(frozen=True, slots=True)
class Form:
    """A form of secrets. Each of them holds one of ``anchors``; any text may where there are none.

    ``patterns`` with a group mean that alone; the rest of the match stays readable.
    """

    detector: type[RegexBasedDetector]
    anchors: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]
    masks_group: bool = False


def _form(
    detector: type[RegexBasedDetector],
    *anchors: str,
    only: slice = slice(None),
    masks_group: bool = False,
) -> Form:
    denylist = cast(Sequence[re.Pattern[str]], detector.denylist)  # declared as a property
    return Form(detector, anchors, tuple(denylist)[only], masks_group)


# Left out on purpose: AWS access key ids, Twilio's SIDs (they name a key, and an investigation
# follows them), forms that are guesses about the words around a value (keyword, Cloudant, IBM,
# SoftLayer: names do that better), entropy and public addresses.
FORMS: Final = (
    _form(ArtifactoryDetector, "AKC", only=slice(1)),
    _form(AWSKeyDetector, "aws", "AWS", "Aws", only=slice(1, None), masks_group=True),
    _form(AzureStorageKeyDetector, "AccountKey="),
    _form(BasicAuthDetector, "://", masks_group=True),
    _form(DiscordBotTokenDetector),
    _form(GitHubTokenDetector, "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    _form(
        GitLabTokenDetector, "glpat-", "gldt-", "glft-", "glsoat-", "glrt-", "GR1348941",
        "glcbt-", "glimt-", "glptt-", "glagent-", "gloas-",
    ),
    _form(JwtTokenDetector, "eyJ"),
    _form(MailchimpDetector, *(f"-us{digit}" for digit in range(10))),
    _form(NpmDetector, "_authToken", masks_group=True),
    _form(OpenAIDetector, "T3BlbkFJ"),
    _form(PypiTokenDetector, "pypi-Ag"),
    _form(SendGridDetector, "SG."),
    _form(SlackDetector, "xox", "XOX", "hooks.slack.com", "HOOKS.SLACK.COM"),
    _form(SquareOAuthDetector, "sq0csp-"),
    _form(StripeDetector, "k_live_"),
    _form(TelegramBotTokenDetector, ":AA"),
    _form(
        SignedAddressDetector, "sig=", "ignature=", "IGNATURE=", "ccess_token=", masks_group=True
    ),
    _form(
        NewerTokenDetector, "as_", "github_pat_", "sk-", "AIza", "npm_", "hf_", "dop_v1_", "glsa_",
        "xapp-", "bt_",
    ),
)  # fmt: skip

# Of a private key the header alone tells the form; what is secret follows it.
_KEY_BLOCK: Final = Form(
    PrivateKeyDetector,
    ("PRIVATE KEY", "PuTTY-User"),
    (
        re.compile(
            r"-----BEGIN [^\n]*?PRIVATE KEY[^\n]*?-----"
            r".*?(?:-----END [^\n]*?PRIVATE KEY[^\n]*?-----|\Z)",
            re.DOTALL,
        ),
        re.compile(r"PuTTY-User-Key-File-[23].*\Z", re.DOTALL),
    ),
)
_ALL: Final = (_KEY_BLOCK, *FORMS)
_BY_ANCHOR: Final = tuple((anchor, form) for form in _ALL for anchor in form.anchors)
_ANYWHERE: Final = tuple(form for form in _ALL if not form.anchors)
# Names, words and ids recur all the time. Memory: 10 MB at most.
_REMEMBERED: Final = 50_000
_SHORT: Final = 120
_harmless: set[object] = set()
# Where a form ends before its token does.
_REST = re.compile(r"[\w.+/=-]*")


def forms_in(text: str) -> tuple[Form, ...]:
    """The forms of the secrets that are in a text, in the order in which to mask them."""
    found = [form for anchor, form in _BY_ANCHOR if anchor in text]
    return tuple(
        form
        for form in dict.fromkeys([*found, *_ANYWHERE])
        if any(pattern.search(text) for pattern in form.patterns)
    )


def unknown(texts: set[object]) -> list[object]:
    """Those of these that were not looked at before and found to hold no secret."""
    return list(texts - _harmless)


def forms_in_any(fresh: Iterable[object]) -> tuple[Form, ...]:
    """As ``forms_in`` of all the texts among these, which then are remembered as harmless."""
    texts = [text for text in fresh if isinstance(text, str)]
    if not texts:
        return ()
    if found := forms_in("\n".join(texts)):
        return found
    if len(_harmless) > _REMEMBERED:
        _harmless.clear()
    _harmless.update(text for text in texts if len(text) <= _SHORT)
    return ()


def mask_secrets(text: str, forms: Iterable[Form], mask: Callable[[str], str]) -> str:
    """The text with every secret of these forms replaced by what ``mask`` says of it."""
    for form in forms:
        for pattern in form.patterns:
            text = _masked(text, pattern, mask, masks_group=form.masks_group)
    return text


def _masked(
    text: str, pattern: re.Pattern[str], mask: Callable[[str], str], *, masks_group: bool
) -> str:
    parts, done = [], 0
    for found in pattern.finditer(text):
        if found.start() < done:
            continue  # inside the rest of the one before
        start, end = found.span(1) if masks_group else found.span()
        if not masks_group and (rest := _REST.match(text, end)):
            end = rest.end()
        parts += [text[done:start], mask(text[start:end])]
        done = end
    return "".join([*parts, text[done:]])
