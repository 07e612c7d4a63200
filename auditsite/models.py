"""Who can sign in. What they may see there is a matter of ``audit.models.Membership``."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone


class LowercaseEmailField(models.EmailField):  # type: ignore[type-arg]  # generic in the stubs only
    """An address kept, and looked up, in lower case: it is a login, whatever its case."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.lower() if isinstance(value, str) else value)

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return prepared.lower() if isinstance(prepared, str) else prepared

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = self.to_python(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, *, name: str = "") -> "User":
        """Without a password the user can't sign in by one."""
        user = self.model(email=email, name=name)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who signs in with an e-mail address and a password."""

    email = LowercaseEmailField("e-mail address", unique=True)
    name = models.CharField(max_length=200, blank=True, default="")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = (
            # What bypasses the field, psql for one, must not create a second self.
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="email_is_lower"),
        )

    def __str__(self) -> str:
        return self.name or self.email
