import pytest

from audit.web.user_agents import readable

_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:146.0)"
_WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT}"
_ANDROID = f"Mozilla/5.0 (Linux; Android 16; K) {_WEBKIT}"
_IPHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) {_WEBKIT}"
_MAC = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_WEBKIT}"


@pytest.mark.parametrize(
    ("user_agent", "shown"),
    [
        (f"{_LINUX} Gecko/20100101 Firefox/146.0", "Firefox 146 · Linux"),
        (f"{_WINDOWS} Chrome/141.0.0.0 Safari/537.36", "Chrome 141 · Windows"),
        (f"{_WINDOWS} Chrome/141.0.0.0 Safari/537.36 Edg/140.0.3537.71", "Edge 140 · Windows"),
        (f"{_ANDROID} Chrome/141.0.0.0 Mobile Safari/537.36", "Chrome 141 · Android"),
        (f"{_IPHONE} Version/18.1 Mobile/15E148 Safari/604.1", "Safari 18 · iPhone"),
        (f"{_IPHONE} CriOS/141.0.7390.41 Mobile/15E148 Safari/604.1", "Chrome 141 · iPhone"),
        (f"{_MAC} Version/26.0 Safari/605.1.15", "Safari 26 · macOS"),
        ("curl/8.5.0", "curl 8.5.0"),
        ("kubectl/v1.31.1 (linux/amd64) kubernetes/948afe5", "kubectl 1.31.1"),
        ("aws-cli/2.15.0 Python/3.11.6 Linux/6.1", "aws-cli 2.15.0"),
        ("cloudtrail.amazonaws.com", "cloudtrail.amazonaws.com"),
        ("(none)", "(none)"),
        ("", ""),
    ],
)
def test_clients_are_named_as_people_call_them(user_agent: str, shown: str) -> None:
    assert readable(user_agent) == shown


def test_what_is_not_recognised_is_shortened() -> None:
    shown = readable("Mozilla/5.0 (" + "compatible; " * 20 + ")")
    assert shown.startswith("Mozilla/5.0 (compatible;")
    assert len(shown) <= 48
