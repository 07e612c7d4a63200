"""The days of people: who comes when, how often, and what they do in a session."""

from collections.abc import Callable, Iterator, Sequence, Set
from datetime import date, datetime, timedelta

from audit.simulation import administration, calendar, desk_work, engineering, oversight
from audit.simulation.actors import Origin, Person
from audit.simulation.sessions import maybe_sign_out, sign_in
from audit.simulation.world import Process, World

type Activity = Callable[[World, Person, Origin], None]

_DATA_WORK: tuple[tuple[Activity, float], ...] = (
    (engineering.edit_flow, 26),
    (engineering.launch_run, 9),
    (engineering.edit_schedule, 5),
    (engineering.pause_schedule, 3),
    (engineering.edit_sensor, 4),
    (engineering.roll_back_flow, 1.5),
    (engineering.toggle_flow, 1),
    (engineering.build_flow, 0.5),
    (engineering.retire_flow, 0.12),
    (engineering.launch_backfill, 0.8),
    (engineering.kill_execution, 0.8),
    (engineering.try_foreign_run, 0.5),
    (desk_work.edit_query, 11),
    (desk_work.create_query, 3),
    (desk_work.delete_query, 1.8),
    (desk_work.edit_dashboard, 7),
    (desk_work.open_dashboard, 9),
    (desk_work.create_secret, 0.7),
    (desk_work.update_secret, 2),
    (desk_work.delete_secret, 0.6),
    (desk_work.read_secret, 3),
    (desk_work.edit_alert_policy, 1.8),
    (desk_work.mute_alert_policy, 0.7),
    (administration.create_user_token, 0.7),
    (administration.revoke_user_token, 0.5),
)
_PLATFORM_WORK: tuple[tuple[Activity, float], ...] = (
    (administration.edit_namespace, 4),
    (administration.edit_deployment, 3),
    (administration.toggle_auto_materialize, 1),
)
_ADMIN_WORK: tuple[tuple[Activity, float], ...] = (
    (administration.change_permissions, 14),
    (administration.change_staging_permissions, 3),
    (administration.change_agent_tokens, 0.8),
    (administration.edit_role, 3),
    (administration.revoke_user_token, 1),
    (administration.act_as_colleague, 1.2),
    (oversight.open_log, 3),
    (oversight.search_log, 3),
    (oversight.look_after_members, 1),
)
_SECURITY_WORK: tuple[tuple[Activity, float], ...] = (
    (oversight.open_log, 14),
    (oversight.search_log, 24),
    (oversight.export_events, 5),
    (oversight.keep_view, 4),
    (oversight.change_settings, 3),
    (oversight.look_after_streams, 4),
    (oversight.try_stream, 1),
    (oversight.look_after_api_keys, 2),
    (oversight.look_after_members, 2),
    (desk_work.open_dashboard, 5),
    (engineering.edit_flow, 3),
    (desk_work.edit_alert_policy, 2),
)

_RELEASE_WORK: tuple[tuple[Activity, float], ...] = (
    (engineering.edit_flow, 10),
    (engineering.launch_run, 3),
    (engineering.edit_schedule, 4),
    (engineering.edit_sensor, 1),
    (desk_work.update_secret, 1),
    (desk_work.edit_query, 2),
    (desk_work.edit_alert_policy, 1),
)

#: Actions in a session, and how many sessions have so many.
_ACTIONS = ((1, 2, 3, 4, 5, 6, 8, 11), (8, 14, 18, 18, 14, 10, 5, 2))
_SHORTEST_PAUSE = 40  # seconds between two actions
_TODO_SHARE = 0.45
_VACATION_SHARE = 0.5
_SICK_SHARE = 0.02

# Finance changes its flows on Tuesday afternoons, when Europe and America are both there.
_RELEASE_WEEKDAY = 1
_RELEASE_HOURS = (14.1, 16.9)
_RELEASE_ZONE = "Europe/Warsaw"
_RELEASE_TEAM = "finance"


def plan_absences(world: World, cast: Set[str]) -> None:
    """Give people vacations and sick days; those a story needs are never away."""
    first, last = world.starts_at.date(), world.ends_at.date()
    for person in world.company.people:
        away = set(_sick_days(world, first, last))
        if person.email not in cast and world.rng.random() < _VACATION_SHARE:
            begins = first + timedelta(days=world.rng.randrange((last - first).days + 1))
            away |= {begins + timedelta(days=day) for day in range(world.rng.randrange(3, 13))}
        world.absences[person.email] = set() if person.email in cast else away


def keep_working(world: World) -> Process:
    """Every evening, plan the next day: it begins in Japan while Europe still sleeps."""
    first = world.starts_at - timedelta(days=1)
    for day in calendar.days_between(first, world.ends_at):
        yield calendar.at(day, -4, "UTC")
        for person in world.company.people:
            if person.works_on(day) and day not in world.absences[person.email]:
                _plan_day(world, person, day)
        _plan_readers(world, day)
        if day.weekday() == _RELEASE_WEEKDAY:
            _plan_release(world, day)


def _sick_days(world: World, first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        if world.rng.random() < _SICK_SHARE:
            yield first + timedelta(days=number)


def _plan_day(world: World, person: Person, day: date) -> None:
    """Spread the person's sessions over their day, a slot for each."""
    expected = world.tempo.sessions / len(world.company.people)
    sessions = int(expected + world.rng.random())
    slot = (person.ends - person.starts) / max(1, sessions)
    for number in range(sessions):
        earliest = person.starts + number * slot
        # People come within the first half of a slot, and are done before the next one.
        begins = calendar.at(day, earliest + slot * world.rng.betavariate(1.6, 3) / 2, person.zone)
        ends = calendar.at(day, earliest + slot * 0.97, person.zone)
        if begins >= world.starts_at:
            world.start(work(world, person, ends), begins)


def _plan_readers(world: World, day: date) -> None:
    readers = [person for person in world.company.readers if person.works_on(day)]
    expected = world.tempo.reader_sessions if readers else 0
    for person in world.rng.sample(readers, min(len(readers), int(expected + world.rng.random()))):
        begins = calendar.at(day, world.rng.uniform(person.starts, person.ends - 1), person.zone)
        if begins >= world.starts_at:
            world.start(_read(world, person), begins)


def _plan_release(world: World, day: date) -> None:
    """Colleagues of finance save what they prepared, one after the other."""
    first, last = (calendar.at(day, hour, _RELEASE_ZONE) for hour in _RELEASE_HOURS)
    here = [
        person
        for person in world.company.team(_RELEASE_TEAM)
        if world.is_at_work(person, first) and world.is_at_work(person, last)
    ]
    for number, person in enumerate(world.rng.sample(here, len(here))):
        begins = first + (last - first) * ((number + world.rng.random() / 2) / len(here))
        if begins >= world.starts_at:
            world.start(_release(world, person, last), begins)


def work(world: World, person: Person, until: datetime) -> Process:
    """One session: sign in, do some things with pauses between them, leave."""
    actions = world.rng.choices(*_ACTIONS)[0]
    yield from _session(world, person, until, actions, _work_of(person))


def _release(world: World, person: Person, until: datetime) -> Process:
    """A session of nothing but changes."""
    yield from _session(world, person, until, world.rng.randrange(3, 7), _RELEASE_WORK)


def _session(
    world: World,
    person: Person,
    until: datetime,
    actions: int,
    weighted: Sequence[tuple[Activity, float]],
) -> Process:
    rng = world.rng
    activities, weights = [one for one, _ in weighted], [weight for _, weight in weighted]
    origin = yield from sign_in(world, person)
    engineering.choose_focus(world, person)
    for _ in range(actions):
        pause = _SHORTEST_PAUSE + rng.lognormvariate(4.9, 0.9)
        if world.after(seconds=pause) >= until:
            break
        yield world.after(seconds=pause)
        todo = world.todo.get(person.email)
        if todo and rng.random() < _TODO_SHARE:
            todo.pop(0)(origin)
        else:
            rng.choices(activities, weights)[0](world, person, origin)
    yield world.after(seconds=_SHORTEST_PAUSE + rng.uniform(0, 200))
    maybe_sign_out(world, origin)


def _work_of(person: Person) -> Sequence[tuple[Activity, float]]:
    weighted = _SECURITY_WORK if person.team == "security" else _DATA_WORK
    if person.team == "platform":
        weighted += _PLATFORM_WORK
    if person.is_admin:
        weighted += _ADMIN_WORK
    return weighted


def _read(world: World, person: Person) -> Process:
    """A business user looks at a dashboard or two."""
    if world.document("user", person.email) is None:
        return
    origin = yield from sign_in(world, person)
    for _ in range(world.rng.randrange(1, 3)):
        yield world.after(seconds=world.rng.uniform(15, 240))
        desk_work.open_dashboard(world, person, origin)
