"""Texts that are secrets by their form."""

import pytest
from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class

from audit.recording.redaction.forms import (
    FORMS,
    NewerTokenDetector,
    SignedAddressDetector,
    forms_in,
    forms_in_any,
    mask_secrets,
)

# Made up, and put together here so that no scanner of this repository takes them for real.
_SECRETS = {
    "github": "ghp_" + "a1B2" * 9,
    "fine-grained github": "github_pat_" + "11ABCDEFG0" * 4,
    "gitlab": "glpat-" + "x" * 20,
    "slack": "xoxb-" + "123456789012-" * 2 + "abcdefghijklmnop",
    "slack hook": "https://hooks.slack.com/services/" + "T0001/B0001/" + "x" * 24,
    "stripe": "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "web token": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxIn0." + "SflKxwRJSMeKKF2QT4fwpM-eJf",
    "npm": "npm_" + "a" * 36,
    "google": "AIza" + "S" * 35,
    "sendgrid": "SG." + "a" * 22 + "." + "b" * 43,
    "azure": "AccountKey=" + "a" * 86 + "==",
    "telegram": "110201543:AA" + "H" * 33,
    "a page's": "bt_" + "WzEsWyJ1c2VyIiwibSJdXQ" + ":1xWGbe:" + "m-" * 21,
    "ours": "as_acme_" + "0123456789ab_" + "f" * 64,
}
# Not looked for, each for a reason that forms.py gives.
_LEFT_OUT = {
    "CloudantDetector", "IbmCloudIamDetector", "IbmCosHmacDetector", "SoftlayerDetector",
    "KeywordDetector", "TwilioKeyDetector", "IPPublicDetector", "Base64HighEntropyString",
    "HexHighEntropyString", "PrivateKeyDetector",
}  # fmt: skip


def masked(text: str) -> str:
    return mask_secrets(text, forms_in(text), lambda secret: f"<{len(secret)}>")


@pytest.mark.parametrize("secret", [pytest.param(s, id=name) for name, s in _SECRETS.items()])
def test_a_secret_is_masked_wherever_it_stands_in_a_text(secret: str) -> None:
    assert masked(f'before "{secret}" after') == f'before "<{len(secret)}>" after'


def test_of_an_address_only_the_password_is_masked() -> None:
    assert masked("git clone https://mara:hunter22@git.acme.dev/x") == (
        "git clone https://mara:<8>@git.acme.dev/x"
    )


@pytest.mark.parametrize("name", ["sig", "X-Amz-Signature", "access_token"])
def test_of_a_signed_address_only_the_signature_is_masked(name: str) -> None:
    assert masked(f"GET https://acme.dev/x?a=1&{name}={'s%2B' * 6}&b=2") == (
        f"GET https://acme.dev/x?a=1&{name}=<24>&b=2"
    )


@pytest.mark.parametrize("kind", ["RSA ", "OPENSSH ", ""])
def test_a_private_key_is_masked_from_its_first_line_to_its_last(kind: str) -> None:
    key = f"-----BEGIN {kind}PRIVATE KEY-----\nMIIE\n-----END {kind}PRIVATE KEY-----"
    assert masked(f"key: |\n{key}\nnext: 1") == f"key: |\n<{len(key)}>\nnext: 1"


def test_a_private_key_that_was_cut_off_is_masked_to_the_end() -> None:
    assert "MIIE" not in masked("-----BEGIN PRIVATE KEY-----\nMIIE and so on")


@pytest.mark.parametrize(
    "text",
    [
        "https://acme.dev/path?q=1",
        "arn:aws:iam::751200000000:user/christophe",
        "AKIAIOSFODNN7EXAMPLE signed in",  # which key it was is what an investigation asks
        "019abf3e-77aa-7c41-9b2e-5d0f4a6e1c22",
        "eu-us1 has_token sk-8 SG.x",
    ],
)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert masked(text) == text


def test_every_form_that_the_library_knows_is_used_or_left_out_on_purpose() -> None:
    known = {each.__name__ for each in get_mapping_from_secret_type_to_class().values()}
    used = {form.detector.__name__ for form in FORMS} - {
        NewerTokenDetector.__name__, SignedAddressDetector.__name__,
    }  # fmt: skip
    assert known == used | _LEFT_OUT
    assert not used & _LEFT_OUT


def test_a_text_that_was_found_harmless_once_does_not_hide_another() -> None:
    harmless: set[object] = {"nothing here"}
    assert forms_in_any(set(harmless)) == ()
    assert forms_in_any(harmless | {_SECRETS["github"]})
    assert forms_in_any(harmless | {_SECRETS["github"]}), "nor is it remembered as harmless"
