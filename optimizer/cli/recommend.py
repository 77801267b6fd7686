"""``recommend``: pairing recommendations for a review committee, with the price of every deviation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from optimizer.cli import options as opt
from optimizer.cli.faults import explained, guarded, refused
from optimizer.cli.solving import GapOption, SeedOption, ThreadsOption, TimeOption, percent
from optimizer.cli.voice import Voice, table

if TYPE_CHECKING:
    from optimizer.review.recommendations import Recommendations

SHOWN = 12  # counties printed, those nearest to a toss-up first


@guarded
def recommend(
    instance: opt.InstanceArg,
    made: Annotated[Path | None, typer.Option("--plan", metavar="PLAN", show_default=False,
                                              help="A plan that 'solve' wrote of this instance, instead of solving it.")] = None,
    alternatives: Annotated[int, typer.Option("--alternatives", min=1, max=50,
                                              help="How many other donors to price for each county.")] = 5,
    near: Annotated[int, typer.Option("--near", min=0, help="Look for so many near-optimal plans; say how many hold each "
                                                            "pair.")] = 0,
    study: Annotated[Path | None, typer.Option("--study", metavar="DIR", show_default=False,
                                               help="A folder of 'optimizer uncertainty'; say how many runs choose each "
                                                    "pair.")] = None,
    ended: Annotated[str | None, typer.Option("--changes", metavar="N[,N…]", show_default=False,
                                              help="Also the best plan that ends at most so many of today's partnerships, for "
                                                   "each number named, such as 0,1,2,5.")] = None,
    free: Annotated[int, typer.Option("--free", min=0, help="Solve again so many alternatives, those that cost least, with all "
                                                            "other pairs and projects free too.")] = 0,
    improve: Annotated[float, typer.Option("--improve", metavar="SECONDS", min=0.0,
                                           help="Time for exchanges that make the plan better before it is recommended, at "
                                                "most a third of --within; 0: recommend it as it is.")] = 120.0,
    within: Annotated[float | None, typer.Option("--within", metavar="SECONDS", min=1.0, show_default=False,
                                                 help="Time for exchanges and prices, the plan aside; counties not priced by "
                                                      "then are said to be so.")] = None,
    workers: Annotated[int | None, typer.Option("--workers", min=1, max=64, show_default=False,
                                                help="Processes that price [one for each processor, at most 4; one for fewer "
                                                     "than 40 counties].")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", show_default=False,
                                             help="Folder of the recommendations [recommendations/NAME].")] = None,
    force: opt.ForceOption = False, time_limit: TimeOption = None, gap: GapOption = None, threads: ThreadsOption = None,
    seed: SeedOption = None, scenario: opt.ScenarioOption = None, changes: opt.SetOption = None,
    decisions: opt.DecisionsOption = None, machine: opt.JsonOption = False, verbose: opt.VerboseOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Recommend who is paired with whom, and say what every other choice would cost.

    Begin with review.html (or review.xlsx): decide there, export the decisions, then run 'optimizer solve --decisions'.
    A price holds all other pairs, but those displaced, and all other counties' projects.
    """
    from optimizer.cli.against import plan_given
    from optimizer.cli.stop import Stop
    from optimizer.engine.progress import progress_for
    from optimizer.review.recommend import recommend as recommended
    from optimizer.review.recommend import refuse_without_pairs

    voice = Voice(machine, verbose, quiet)
    folder = out if out is not None else Path("recommendations") / opt.instance_name(instance, scenario)
    opt.writable(folder, force, [instance] if made is None else [instance, made])
    asked = opt.effective(instance, scenario, decisions, changes)
    limits = {"time_limit": time_limit, "gap": percent(gap), "threads": threads, "seed": seed}
    asked = opt.with_settings(asked, limits)
    voice.findings(asked.warnings)
    refuse_without_pairs(asked)
    numbers = _numbers(ended)
    plan = plan_given(made, instance, bool(scenario or changes or decisions), limits)
    with Stop() as stop, progress_for(verbose=verbose, quiet=quiet) as progress, explained(asked, stop):
        found = recommended(asked if plan is None else plan, alternatives, near=near, study=study, changes=numbers, free=free,
                            improve=improve, time_limit=within, workers=workers, progress=progress, should_stop=stop)
    written = found.write(folder)
    voice.say(*improvement(found, plan is not None, written), *told(found),
              f"All of it lies in {written}: begin with review.html.")
    voice.result({"settings": found.settings, "recommendations": found.table.to_dict("records"),
                  "counties": found.counties.to_dict("records"), "donors": found.donors.to_dict("records"),
                  "folder": written}, brief=str(written))


def _numbers(text: str | None) -> list[int]:
    words = [] if text is None else [word.strip() for word in text.split(",")]
    wrong = next((word for word in words if not word.isdecimal()), None)
    if wrong is not None:
        raise refused("command line", wrong, "is no number of partnerships (--changes)", "Write --changes 0,1,2,5")
    return [int(word) for word in words]


def improvement(found: Recommendations, given: bool, folder: Path) -> list[str]:
    """What exchanges made better before the plan was recommended, and where it lies."""
    from optimizer.review.decisions import figure

    told, outcome = found.settings, found.plan.outcome
    made = [f"{told[key]:,} {one if told[key] == 1 else many}" for key, one, many in (
        ("exchanges", "exchange of partners", "exchanges of partners"),
        ("renewals", "new choice of one county's projects", "new choices of one county's projects")) if told.get(key)]
    if not made:
        return []
    rest = "no further exchange improves it" if told["exhausted"] else "the time for exchanges was over then"
    return [f"{' and '.join(made)} made the plan{' that was given' if given else ''} better by {figure(told['gain'])} "
            f"{outcome.unit}; {rest}.", f"The better plan is what is recommended; it lies in {folder / 'plan'}.", ""]


def told(found: Recommendations) -> list[str]:
    """What is printed: how many pairs, how sure, and the counties where another choice costs least."""
    settings, counties = found.settings, found.counties
    chosen = found.table[found.table["chosen"]]
    verdicts = counties["verdict"].value_counts()
    unit = str(settings["unit"])
    late = verdicts.get("unpriced", 0)
    lines = [
        f"{len(chosen)} pairs for {chosen['county'].nunique()} of {len(counties)} counties: "
        f"{verdicts.get('settled', 0)} settled, {verdicts.get('clear', 0)} clear, "
        f"{verdicts.get('toss_up', 0)} close calls{f' and {late} not priced, for the time was over' if late else ''} "
        "(close: another donor costs at most 1 in 1,000 of what the plan counts in the "
        "county; settled: any other costs more than 1 in 100).",
        f"{settings['prices']:,} alternatives of {settings['counties_priced']} counties are priced in {unit}, "
        f"{settings['exact']:,} of them exactly, other pairs and projects held"
        + (f" ({settings['free']} with everything free)." if settings["free"] else "."),
    ]
    names, donors = counties.set_index("county")["name"], found.donors.set_index("donor")["name"]
    others = found.table[~found.table["chosen"]].sort_values(["price_high", "county"], kind="stable")
    first = others.drop_duplicates("county").head(SHOWN)
    partners = chosen.groupby("county")["donor"].agg(lambda own: ", ".join(str(donors[one]) for one in own))
    rows = [(str(names[row["county"]]), str(partners.get(row["county"], "–")), str(donors[row["donor"]]), _price(row),
             f"{row['fit_change']:+.2f}") for row in first.to_dict("records")]
    if rows:
        lines += ["", "Where another donor would cost least:",
                  *table(["county", "recommended", "instead", f"costs ({unit})", "fit"], rows)]
    return lines


def _price(row: dict[Any, Any]) -> str:
    low, high = (round(float(row[end]), 1) + 0.0 for end in ("price_low", "price_high"))  # + 0.0: no "-0.0"
    return f"{high:,.1f}" if row["price_kind"] == "exact" else f"{low:,.1f} to {high:,.1f}"
