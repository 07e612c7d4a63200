import pytest

from audit.recording.importers import PATTERNS, InvalidPattern, PathPattern
from audit.recording.importers.path_patterns import Placed, read_path


@pytest.mark.parametrize(
    ("path", "deployment", "details"),
    [
        pytest.param(
            "charts/app-config/image-tags/staging/router",
            "staging",
            {"environment": "staging", "app": "router"},
            id="image-tags",
        ),
        pytest.param(
            "charts/app-config/values-production.yaml",
            "production",
            {"environment": "production"},
            id="values-of-an-environment",
        ),
        pytest.param("values-test.yml", "test", {"environment": "test"}, id="values-at-the-top"),
        pytest.param(
            "config/etcd-io/org.yaml", "etcd-io", {"github_organization": "etcd-io"}, id="org"
        ),
        pytest.param(
            "config/kubernetes/sig-auth/teams.yaml",
            "kubernetes",
            {"github_organization": "kubernetes"},
            id="teams",
        ),
        pytest.param("config/restrictions.yaml", "", {}, id="of-no-organization"),
        pytest.param("config/locales/en.yml", "", {}, id="another-config"),
        pytest.param("charts/monitoring-config/dashboards/fastly.json", "", {}, id="dashboard"),
        pytest.param("charts/app-config/image-tags/staging/a/b", "", {}, id="one-folder-more"),
    ],
)
def test_the_path_says_where(path: str, deployment: str, details: dict[str, str]) -> None:
    assert read_path(path, PATTERNS) == Placed(deployment, details)


def test_the_first_pattern_that_fits_speaks() -> None:
    patterns = [PathPattern("{app}/{deployment}.toml"), PathPattern("**/{environment}.*")]
    assert read_path("shop/eu-1.toml", patterns) == Placed("eu-1", {"app": "shop"})
    assert read_path("x/y/eu-2.yaml", patterns) == Placed("eu-2", {"environment": "eu-2"})
    assert read_path("nothing", patterns) == Placed()


def test_a_pattern_is_no_regular_expression() -> None:
    assert PathPattern("a.b/(x)+/{app}").read("a.b/(x)+/router") == Placed("", {"app": "router"})
    assert PathPattern("a.b/{app}").read("axb/router") is None


@pytest.mark.parametrize("template", ["{App}/x", "{}", "{a}/{a}", "{a", "a}", "{a-b}"])
def test_a_pattern_that_is_unclear_is_refused(template: str) -> None:
    with pytest.raises(InvalidPattern, match="must be a name in lower case, used once"):
        PathPattern(template)
