from collections.abc import Callable

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django_htmx.http import HttpResponseClientRedirect

type _View = Callable[..., HttpResponseBase]

# Pages use none of these, so nothing that gets into one may.
_UNUSED_FEATURES = (
    "accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer",
    "microphone", "midi", "payment", "publickey-credentials-get", "screen-wake-lock", "usb",
)  # fmt: skip
_PERMISSIONS_POLICY = ", ".join(f"{feature}=()" for feature in _UNUSED_FEATURES)


def permissions_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Turn off the browser features that the site does not use."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", _PERMISSIONS_POLICY)
        return response

    return middleware


class SignInRequired(LoginRequiredMiddleware):
    """Every view asks for a sign-in, unless it is marked ``@login_not_required``.

    When a session ends while a page is open, htmx is told to load the sign-in page as a whole,
    rather than put it where results were expected; afterwards one is back at the same URL.
    """

    def handle_no_permission(  # type: ignore[override]  # Django's own never redirects by htmx
        self, request: HttpRequest, view_func: _View
    ) -> HttpResponseBase:
        htmx = getattr(request, "htmx", None)
        if not htmx:
            return super().handle_no_permission(request, view_func)
        query = QueryDict(mutable=True)
        query[REDIRECT_FIELD_NAME] = htmx.current_url_abs_path or "/"
        login = resolve_url(self.get_login_url(view_func))
        return HttpResponseClientRedirect(f"{login}?{query.urlencode(safe='/')}")
