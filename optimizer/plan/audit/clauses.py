"""The clauses the audit verifies, each with its unit and the sentence that must hold."""

from __future__ import annotations

#: Clauses on the form of the tables; while one of them fails nothing else can be read.
FORM: dict[str, tuple[str, str]] = {
    "columns": ("rows", "every table of the plan has its columns"),
    "numbers": ("rows", "numbers are finite and not blank, whole where they count periods"),
    "identifiers": ("rows", "every stream, county, category, period, donor, project and need is known"),
    "keys": ("rows", "no key occurs twice in a table"),
    "words": ("rows", "statuses, kinds and roles are words of the format"),
}

CLAUSES: dict[str, tuple[str, str]] = FORM | {
    "money_steps": ("money", "every amount of money is a multiple of the step"),
    "whole_people": ("people", "people are whole numbers"),
    "signs": ("value", "no amount of money, people or projects is negative"),
    "zero_rows": ("rows", "rows without an amount are left out"),
    # streams
    "stream_reach": ("rows", "a stream pays only counties it reaches"),
    "stream_categories": ("rows", "a stream pays only categories it is for"),
    "stream_rows": ("money", "streams.csv has each budget of the instance, and no other"),
    "stream_spent": ("money", "spent is the sum of the funds of stream, scope and period"),
    "stream_budget": ("money", "budget and carried_in are spent, carried out or lapse, and no more"),
    "stream_carried_in": ("money", "what comes in is what the period before carried out"),
    "stream_carry": ("money", "carried out is at most the share of the period's own budget, nothing after the last period"),
    "stream_least": ("money", "a stream spends at least its least spend"),
    "support_placed": ("money", "what donors of a stream give a county in a period is what is placed there"),
    # accounts
    "account": ("money", "money in = money of projects + direct support + unspent, by county, category and period"),
    "reserve": ("money", "a reserve is below one step for each amount paid into its account"),
    "unspent": ("money", "money stays unspent only where the instance allows it"),
    # pairs
    "pair_candidates": ("rows", "only candidates are paired"),
    "pair_locks": ("rows", "locked pairs are chosen"),
    "pair_forbids": ("rows", "forbidden pairs are not chosen"),
    "pair_status": ("rows", "kept, new and ended pairs are called so, and every existing pair is listed"),
    "pair_columns": ("value", "pairings.csv repeats lock, fit, load and distance, and sums the support"),
    "partners": ("pairs", "each county has between its least and most number of partners"),
    "donor_pairs": ("pairs", "each donor has between its least and most number of counties"),
    "donor_load": ("load", "the load of a donor's counties fits its capacity"),
    "support_pairs": ("rows", "support flows only along chosen pairs"),
    "support_limits": ("money", "support lies between the pair's least and most in each period"),
    "donor_money": ("money", "a donor gives at most its money in a period"),
    "donor_least": ("money", "a donor gives at least its commitment in a period"),
    # projects
    "project_starts": ("rows", "projects start only in periods in which they may"),
    "project_amounts": ("projects", "an indivisible project is started once; a scalable one between least and most"),
    "project_locks": ("rows", "locked projects are started"),
    "project_forbids": ("rows", "forbidden projects are not started"),
    "project_requires": ("rows", "what a project requires is started in the same period or before"),
    "project_exclusive": ("projects", "at most one project of an exclusive group is started"),
    "project_partners": ("rows", "a project that needs a partner's sector has a chosen donor strong in it"),
    "project_columns": ("rows", "projects.csv repeats county, category and sector"),
    "project_cost": ("money", "cost, tail and own are the amount times those of a whole project"),
    "resources": ("resource", "projects use no more of a resource than there is, with what pairs bring"),
    # coverage
    "coverage_rows": ("rows", "coverage.csv has each county, need and period once, with the people in need"),
    "direct_support": ("money", "money goes to direct support only where there is a unit cost"),
    "coverage_built": ("people", "built is what projects hold covered, after relapse"),
    "coverage_carried": ("people", "carried is what direct support of earlier periods still holds, cheapest tier first"),
    "coverage_direct": ("people", "direct is whom the money newly reaches, cheapest tier first"),
    "coverage_sums": ("people", "covered = carried + built + direct ≤ people, gap = people − covered"),
    # decisions
    "decided_pairs": ("rows", "decisions on pairs are kept"),
    "decided_projects": ("rows", "decisions on projects are kept"),
    "decided_money": ("money", "amounts that decisions set, or hold above or below a limit, are kept"),
    # rules
    "known_values": ("rows", "what rules and criteria read is known"),
    "rule_rows": ("rows", "rules.csv has each row of each rule, and no other"),
    "rule_values": ("value", "the value of each rule row is recomputed to the same"),
    "rule_limits": ("value", "min and max of each rule row are recomputed to the same"),
    "rule_slack": ("value", "the slack of each rule row is recomputed to the same"),
    "rule_broken_by": ("value", "what each rule row is broken by is recomputed to the same"),
    "rule_status": ("rows", "a rule row that holds, is broken or off is called so"),
    "rule_hard": ("value", "every hard rule holds"),
    "rule_rounding": ("money", "a hard rule on money called `rounding` is missed by at most a step for each amount it sums"),
    # criteria
    "criterion_rows": ("rows", "criteria.csv has the criteria of the method and of bounds, with their senses"),
    "criterion_values": ("value", "the value of each criterion is recomputed to the same"),
    "criterion_bounds": ("value", "no claimed bound is worse than the value"),
    "criterion_gaps": ("value", "gap and gap_percent follow from value and bound"),
    "criterion_baselines": ("value", "last and factor of each criterion are recomputed to the same"),
    # claims
    "claimed_objective": ("value", "objective, bound and gap of plan.json are those of the first criterion"),
    "claimed_status": ("rows", "optimal and within_gap are claimed only where value and bound bear it out"),
}

#: Clauses on the folder a plan was read from.
FOLDER: dict[str, tuple[str, str]] = {
    "files": ("files", "every file of the plan folder is there and can be read"),
    "inputs": ("files", "the inputs are those whose hashes plan.json records"),
}
