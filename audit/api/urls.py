"""Where programs call. Nobody is sent to the sign-in page here: keys are shown instead."""

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path

from audit.api.application import api
from audit.api.docs import api_docs


def _patterns() -> list[URLPattern | URLResolver]:
    patterns: list[URLPattern | URLResolver] = [path("", api_docs, name="docs"), *api.urls[0]]
    for pattern in patterns:
        if pattern.callback is not None:
            login_not_required(pattern.callback)
    return patterns


urlpatterns = [path("<slug:organization>/api/", include((_patterns(), "api"), namespace="api"))]
