"""A company: its people, machines and flows, and the rooms it keeps them in."""

from dataclasses import dataclass
from datetime import datetime

from audit.simulation.actors import Machine, Person, agent_token, service_account
from audit.simulation.catalogue import (
    ACME_FLOWS,
    ACME_LATER_FLOWS,
    BRIGHTWATER_FLOWS,
    BRIGHTWATER_LATER_FLOWS,
    FlowSpec,
)
from audit.simulation.directory import business_users
from audit.simulation.people import ACME_PEOPLE, BRIGHTWATER_PEOPLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """The programs that act on their own."""

    scheduler: Machine
    ci: Machine
    terraform: Machine
    backup: Machine
    rotator: Machine
    provisioner: Machine
    loader: Machine
    grafana: Machine
    agents: tuple[Machine, ...]

    @property
    def service_accounts(self) -> tuple[Machine, ...]:
        return (
            self.scheduler,
            self.ci,
            self.terraform,
            self.backup,
            self.rotator,
            self.provisioner,
            self.loader,
            self.grafana,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Who and what takes part. ``readers`` only look; ``later_flows`` are yet to be built."""

    slug: str
    name: str
    domain: str
    people: tuple[Person, ...]
    readers: tuple[Person, ...]
    machines: Machines
    flows: tuple[FlowSpec, ...]
    later_flows: tuple[FlowSpec, ...]
    has_incidents: bool

    @property
    def teams(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(spec.team for spec in self.flows))

    def team(self, name: str) -> tuple[Person, ...]:
        return tuple(person for person in self.people if person.team == name)

    def on_call(self, moment: datetime) -> Person:
        """Who answers the pager; the rota changes every Monday."""
        rota = [person for person in self.people if person.is_on_call]
        return rota[moment.isocalendar().week % len(rota)]

    def person(self, mailbox: str) -> Person:
        """The person with this mailbox; raises ``LookupError`` if nobody has it."""
        for person in self.people:
            if person.email == f"{mailbox}@{self.domain}":
                return person
        raise LookupError(f"Nobody at {self.name} has the mailbox {mailbox}.")


def _machines(domain: str, network: str, agents: tuple[Machine, ...]) -> Machines:
    return Machines(
        scheduler=service_account("scheduler", f"{network}.2", "dataplane-scheduler/5.9.2"),
        ci=service_account("ci-deployer", f"{network}.130", "dataplane-deploy/3.4.0 Node/22"),
        terraform=service_account(
            "terraform", f"{network}.131", f"Terraform/1.13.4 (+https://{domain}/infrastructure)"
        ),
        backup=service_account("backup", f"{network}.5", "restic/0.18.1"),
        rotator=service_account("secrets-rotator", f"{network}.6", "Vault-Agent/1.20.4"),
        provisioner=service_account("scim-provisioner", "192.0.2.240", "SCIM-Connector/2.8"),
        loader=service_account("fivetran-sync", "192.0.2.241", "Fivetran-HVR/6.2"),
        grafana=service_account("grafana-reader", f"{network}.9", "Grafana/12.2.1"),
        agents=agents,
    )


ACME = Company(
    slug="acme",
    name="Acme",
    domain="acme.dev",
    people=ACME_PEOPLE,
    readers=business_users(172, "acme.dev"),
    machines=_machines(
        "acme.dev",
        "198.51.100",
        (
            agent_token("agent-eu-1", "agt_eu1_5c0a", "198.51.100.150", "dataplane-agent/5.9.2"),
            agent_token("agent-us-1", "agt_us1_8e41", "198.51.100.180", "dataplane-agent/5.9.1"),
        ),
    ),
    flows=ACME_FLOWS,
    later_flows=ACME_LATER_FLOWS,
    has_incidents=True,
)

BRIGHTWATER = Company(
    slug="brightwater",
    name="Brightwater",
    domain="brightwater.example",
    people=BRIGHTWATER_PEOPLE,
    readers=business_users(9, "brightwater.example"),
    machines=_machines(
        "brightwater.example",
        "203.0.113",
        (agent_token("agent-1", "agt_1_b7d2", "203.0.113.250", "dataplane-agent/5.9.2"),),
    ),
    flows=BRIGHTWATER_FLOWS,
    later_flows=BRIGHTWATER_LATER_FLOWS,
    has_incidents=False,
)

COMPANIES = {company.slug: company for company in (ACME, BRIGHTWATER)}
