"""``python -m tests.example_project``: do what the scenario says, once Django is set up."""

import django


def main() -> None:
    django.setup()
    from tests.example_project import scenario

    scenario.main()


if __name__ == "__main__":
    main()
