"""The flows a company runs: what each is for, when it runs, what it reads and writes."""

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["extract", "transform", "report", "train", "export", "maintenance"]
_ACRONYMS = {word: word.upper() for word in ("ci", "crm", "fx", "kpi", "ml", "okr", "vat")}
_KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowSpec:
    """What is known of a flow before anybody edits it.

    ``cron`` is UTC unless ``zone`` says otherwise; without it the flow is started by a sensor.
    ``minutes`` is how long a run usually takes.
    """

    id: str
    team: str
    kind: Kind
    cron: str
    purpose: str
    source: str
    target: str
    minutes: float
    domain: str
    zone: str = ""

    @property
    def namespace(self) -> str:
        return namespace_of(self.team)

    @property
    def title(self) -> str:
        return title_of(self.id)


def namespace_of(team: str) -> str:
    """Where a team keeps its flows."""
    return "system" if team == "system" else f"company.{team}"


def title_of(id: str) -> str:
    """ "kpi_board" → "KPI board"."""
    first, *words = (_ACRONYMS.get(word, word) for word in id.split("_"))
    return " ".join((first[:1].upper() + first[1:], *words))


# team/flow | kind | usual duration | cron and zone (- where sensors, callers or hands start it)
#     source > target | what it is for
# In order of importance: a smaller simulation keeps the first ones.
_ACME = """
finance/nightly_revenue | transform | 14 min | 0 2 * * *
    stripe.charges > finance.revenue_daily | Books the previous day's revenue by region and plan.
finance/revenue_report | report | 3 min | 0 6 * * * Europe/Warsaw
    finance.revenue_daily > reports.revenue | Mails yesterday's revenue to the finance leads.
growth/sync_crm | extract | 6 min | 5 */2 * * *
    hubspot.accounts > growth.accounts | Copies accounts and opportunities from the CRM.
analytics/product_events_hourly | transform | 4 min | 12 * * * *
    raw.product_events > analytics.events_hourly | Rolls up raw product events by hour and screen.
finance/stripe_payouts | extract | 3 min | 20 */2 * * *
    stripe.payouts > finance.payouts | Fetches payouts and fees from Stripe.
ml/churn_features | transform | 32 min | 40 1 * * *
    analytics.sessions > ml.churn_features | Builds the feature table for the churn model.
ml/churn_scoring | train | 11 min | 30 4 * * *
    ml.churn_features > ml.churn_scores | Scores every active account for churn.
platform/backup_metadata | maintenance | 22 min | 15 0 * * *
    metadata > s3://acme-backups/metadata | Dumps the metadata and copies it to another region.
finance/ledger_reconcile | transform | 18 min | 30 3 * * *
    bank.statements > finance.ledger_matches | Matches the ledger against bank statements.
growth/campaign_spend | extract | 7 min | 10 5 * * *
    ads.spend > growth.campaign_spend | Imports advertising spend by campaign.
analytics/kpi_board | report | 2 min | 30 5 * * 1-5 Europe/Berlin
    analytics.events_hourly > reports.kpi_board | Refreshes the board for the morning meeting.
platform/schema_drift_check | maintenance | 2 min | 45 */6 * * *
    information_schema > platform.schema_drift | Compares live schemas with the declared ones.
finance/fx_rates | extract | 1 min | 0 */6 * * *
    ecb.rates > finance.fx_rates | Stores the exchange rates of the European Central Bank.
ml/demand_forecast | train | 46 min | 15 3 * * *
    finance.orders > ml.demand_forecast | Forecasts demand by warehouse for four weeks.
growth/attribution_model | transform | 25 min | 50 3 * * *
    growth.touches > growth.attribution | Attributes sign-ups to the touches before them.
analytics/sessions_daily | transform | 16 min | 25 1 * * *
    raw.product_events > analytics.sessions | Cuts events into sessions after 30 minutes of silence.
finance/subscriptions_snapshot | extract | 5 min | 55 0 * * *
    stripe.subscriptions > finance.subscriptions | Keeps a daily picture of every subscription.
finance/dunning_emails | export | 4 min | 0 9 * * 1-5 Europe/Warsaw
    finance.invoices > sendgrid.dunning | Sends reminders for overdue invoices.
ml/model_monitoring | report | 3 min | 35 */4 * * *
    ml.predictions > ml.drift | Watches the drift of live models.
ml/embeddings_refresh | train | 19 min | 20 */6 * * *
    support.articles > ml.article_embeddings | Embeds new support articles for the assistant.
analytics/data_quality_suite | maintenance | 5 min | 50 */6 * * *
    analytics.* > platform.expectations | Runs the expectations on every shared table.
growth/referral_fraud_check | transform | 3 min | 40 */4 * * *
    growth.referrals > growth.referral_flags | Flags referral rings by shared cards and devices.
growth/email_events | extract | 4 min | 15 */3 * * *
    sendgrid.events > growth.email_events | Fetches opens, clicks and bounces.
security/secret_scan | maintenance | 8 min | 10 4 * * *
    git.repositories > security.findings | Looks for secrets in repositories and logs.
security/leaver_check | report | 1 min | 0 8 * * 1-5 Europe/Oslo
    hr.staff > security.leavers | Compares active accounts with the staff list.
platform/cost_report | report | 2 min | 30 7 * * 1-5 Europe/Berlin
    billing.usage > reports.cost | Splits the cloud bill by team.
platform/stale_branch_cleanup | maintenance | 1 min | 0 22 * * *
    deployments > deployments | Removes branch deployments nobody used for a week.
team/standup_digest | report | 1 min | 45 8 * * 1-5 Europe/Berlin
    git.commits > slack.standup | Posts yesterday's merged changes to the team channel.
team/onboarding_checks | report | 1 min | 0 7 * * 1-5 Europe/Lisbon
    hr.joiners > reports.onboarding | Checks that new colleagues have what they need.
analytics/experiment_readout | report | 6 min | 0 7 * * *
    analytics.assignments > analytics.readouts | Computes the lifts of running experiments.
growth/lead_scoring | train | 9 min | 20 6 * * *
    growth.accounts > growth.lead_scores | Ranks leads for the sales team.
growth/audience_export | export | 5 min | 30 8 * * *
    growth.lead_scores > ads.audiences | Uploads hashed audiences to the ad networks.
ml/label_queue_export | export | 3 min | 0 5 * * 1-5
    ml.predictions > labelling.queue | Hands uncertain predictions to the labellers.
system/purge_executions | maintenance | 12 min | 0 23 * * *
    executions > executions | Deletes execution logs past their retention.
platform/warehouse_vacuum | maintenance | 55 min | 0 1 * * 0
    warehouse > warehouse | Vacuums and analyses the warehouse.
platform/access_review | report | 2 min | 0 9 * * 1 Europe/Oslo
    audit.events > reports.access_review | Lists grants nobody used for ninety days.
finance/close_month | transform | 64 min | 30 3 1 * * Europe/Warsaw
    finance.ledger_matches > finance.closings | Closes the books of the month before.
finance/vat_return | report | 9 min | 0 10 5 * * Europe/Warsaw
    finance.closings > reports.vat | Prepares the value added tax return.
analytics/funnel_weekly | report | 8 min | 0 6 * * 1 Europe/London
    analytics.sessions > reports.funnel | Reports the sign-up funnel by week.
ml/churn_training | train | 130 min | 0 2 * * 6
    ml.churn_features > ml.churn_model | Trains the churn model anew.
team/okr_rollup | report | 1 min | 0 16 * * 5 Europe/Berlin
    reports.* > reports.okr | Collects the numbers behind the objectives.
finance/invoice_import | extract | 4 min | -
    sftp.invoices > finance.invoices | Reads supplier invoices that arrive by SFTP.
growth/webhook_leads | extract | 1 min | -
    http.leads > growth.accounts | Takes leads from the landing pages.
ml/image_ingest | extract | 6 min | -
    s3.photos > ml.images | Picks up product photographs from the bucket.
analytics/adhoc_backfill | transform | 21 min | -
    raw.product_events > analytics.events_hourly | Recomputes days of a table on request.
growth/export_customers | export | 9 min | -
    growth.accounts > s3://acme-exports/customers | Writes the customer list for partner audits.
platform/ci_smoke_test | maintenance | 2 min | -
    image > platform.smoke_tests | Proves that a new image starts and can reach its databases.
"""

_BRIGHTWATER = """
water/meter_readings | extract | 9 min | 15 1 * * *
    iot.readings > water.readings | Collects the readings of every smart meter.
water/leak_detection | train | 12 min | 0 5 * * * Europe/Copenhagen
    water.readings > water.leaks | Flags pipes that lose more than their neighbours.
billing/tariff_update | transform | 4 min | 30 2 * * *
    water.readings > billing.charges | Applies tariffs to consumption.
water/quality_report | report | 2 min | 0 7 * * 1-5 Europe/Copenhagen
    lab.samples > reports.quality | Publishes the laboratory values.
platform/backup_metadata | maintenance | 6 min | 45 0 * * *
    metadata > s3://brightwater-backups | Dumps the metadata database.
billing/invoice_run | export | 48 min | 0 6 1 * *
    billing.charges > print.invoices | Prints and mails the monthly invoices.
water/pressure_hourly | transform | 2 min | 10 * * * *
    iot.pressure > water.pressure | Averages the pressure of every zone by hour.
water/valve_events | extract | 1 min | -
    scada.valves > water.valves | Takes valve positions from the control room.
"""

# Built while the simulation runs, in this order.
_ACME_LATER = """
growth/trial_nudges | export | 3 min | 15 9 * * 1-5 Europe/Dublin
    growth.trials > sendgrid.nudges | Reminds people whose trial ends in three days.
finance/usage_billing | transform | 12 min | 10 4 * * *
    analytics.events_hourly > finance.usage_lines | Turns metered usage into invoice lines.
ml/ticket_routing | train | 8 min | 45 5 * * 1-5
    support.tickets > ml.ticket_routes | Learns which team answers which ticket.
analytics/retention_cohorts | report | 5 min | 20 7 * * 1
    analytics.sessions > reports.retention | Shows who comes back, by month of sign-up.
platform/image_rebuild | maintenance | 15 min | 30 21 * * 0
    images > images | Rebuilds the base images with the week's patches.
growth/partner_feed | extract | 2 min | 35 */8 * * *
    partners.accounts > growth.partner_accounts | Reads the partner directory.
finance/refund_alerts | report | 1 min | 10 8 * * 1-5 Europe/Rome
    stripe.refunds > reports.refunds | Lists refunds above a thousand.
ml/price_elasticity | train | 28 min | 0 3 * * 3
    finance.orders > ml.elasticity | Estimates how demand answers to price.
analytics/search_terms | transform | 4 min | 5 2 * * *
    raw.search_events > analytics.search_terms | Counts what people look for and do not find.
security/permission_diff | report | 1 min | 0 7 * * 1-5 Europe/Oslo
    audit.events > reports.permission_diff | Mails yesterday's changes of permissions.
growth/churn_winback | export | 3 min | 0 10 * * 2 America/New_York
    ml.churn_scores > sendgrid.winback | Writes to accounts that are about to leave.
team/holiday_calendar | extract | 1 min | 0 6 * * 1
    hr.absences > team.absences | Copies absences into the shared calendar.
finance/cash_forecast | train | 7 min | 0 5 * * 1
    finance.payouts > finance.cash_forecast | Forecasts the bank balance for a quarter.
platform/quota_watch | report | 1 min | 55 */6 * * *
    cloud.quotas > reports.quotas | Warns before a cloud quota is reached.
"""

_BRIGHTWATER_LATER = """
water/frost_warning | report | 1 min | 0 16 * * * Europe/Copenhagen
    weather.forecast > reports.frost | Warns before pipes may freeze.
billing/refund_list | export | 2 min | 0 9 * * 1
    billing.charges > bank.refunds | Pays back what was charged twice.
"""


def _flows(table: str, domain: str) -> tuple[FlowSpec, ...]:
    lines = table.strip().splitlines()
    pairs = zip(lines[::2], lines[1::2], strict=True)
    return tuple(_flow(line, below, domain) for line, below in pairs)


def _flow(line: str, below: str, domain: str) -> FlowSpec:
    path, kind, duration, when = line.split(" | ")
    reads_and_writes, purpose = below.split(" | ")
    team, _, name = path.partition("/")
    source, _, target = reads_and_writes.strip().partition(" > ")
    cron, zone = _schedule(when)
    return FlowSpec(
        id=name,
        team=team,
        kind=_KINDS[kind],
        cron=cron,
        zone=zone,
        purpose=purpose,
        source=source,
        target=target,
        minutes=float(duration.removesuffix(" min")),
        domain=domain,
    )


def _schedule(when: str) -> tuple[str, str]:
    if when == "-":
        return "", ""
    fields = when.split(" ")
    return " ".join(fields[:5]), " ".join(fields[5:])


ACME_FLOWS = _flows(_ACME, "acme.dev")
ACME_LATER_FLOWS = _flows(_ACME_LATER, "acme.dev")
BRIGHTWATER_FLOWS = _flows(_BRIGHTWATER, "brightwater.example")
BRIGHTWATER_LATER_FLOWS = _flows(_BRIGHTWATER_LATER, "brightwater.example")
