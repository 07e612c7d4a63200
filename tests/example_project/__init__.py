"""A second, tiny Django project that has nothing of Auditsite but the app ``audit``."""
