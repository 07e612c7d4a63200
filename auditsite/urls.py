from django.contrib.auth.views import LogoutView
from django.urls import include, path

from auditsite import accounts, health

urlpatterns = [
    path("", accounts.home, name="home"),
    path("healthz", health.alive, name="alive"),
    path("readyz", health.ready, name="ready"),
    path("accounts/login/", accounts.SignIn.as_view(), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("", include("audit.web.urls")),
    path("", include("audit.api.urls")),
]
