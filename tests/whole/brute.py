"""The optimum of a tiny world by enumeration, written from the format alone: it reads no module of the package."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
from enumeration import Enumeration, Expr, Statement, added, summed
from tiny_worlds import CATEGORIES, World


def blank(value: Any) -> bool:
    return value is None or value != value


class Reading:
    """A world read from the format and stated row by row."""

    def __init__(self, world: World) -> None:
        self.w, self.s = world, Statement()
        self.T = [int(t) for t in world.settings["periods"]]
        given = world.settings["periods"]
        self.weight = {t: float(given[t]) if isinstance(given, dict) else 1.0 for t in self.T}
        self.counties = {r["county"]: r for r in world.tables["counties"]}
        self.points: list[tuple[float, Expr]] = []
        self.given()
        self.pairs()
        self.projects()
        self.money()
        self.coverage()
        self.accounts()
        for rule in world.settings.get("rules", []):
            self.RULES[rule["type"]](self, rule)

    # -- the instance ------------------------------------------------------------------------------------------------

    def rows(self, name: str) -> list[dict[str, Any]]:
        return self.w.tables.get(name, [])

    def given(self) -> None:
        """People and tiers by county, need and period."""
        self.people, self.relapse, self.tiers = {}, {}, {}
        needs = self.w.settings["needs"]
        own = {(r["county"], r["need"]) for r in self.rows("tiers")}
        for r in self.rows("needs"):
            i, k = r["county"], r["need"]
            self.relapse[i, k] = 0.0 if blank(r["relapse"]) or needs[k]["kind"] == "yearly" else r["relapse"]
            for t in self.T:
                split = r.get(f"people@{t}", np.nan)
                self.people[i, k, t] = r["people"] if blank(split) else split
            if (i, k) in own:
                mine = [q for q in self.rows("tiers") if (q["county"], q["need"]) == (i, k)]
                self.tiers[i, k] = [(q["width"], q["unit_cost"]) for q in mine]
            elif not blank(r["unit_cost"]):
                shape = needs[k].get("tiers", [{"width": 1, "factor": 1}])
                self.tiers[i, k] = [(q["width"], q["factor"] * r["unit_cost"]) for q in shape]

    def need_weight(self, need: str) -> float:
        return float(self.w.settings["needs"][need].get("weight", 1))

    # -- pairs -------------------------------------------------------------------------------------------------------

    def pairs(self) -> None:
        s = self.s
        self.pair, self.support = {}, {}
        donors = {r["donor"]: r for r in self.rows("donors")}
        for r in self.rows("pairs"):
            d, i, status = r["donor"], r["county"], r["status"]
            on = self.pair[d, i] = s.whole("pair", d, i, low=int(status == "lock"), high=int(status != "forbid"))
            most = donors[d]["money"] if blank(r["most_support"]) else min(r["most_support"], donors[d]["money"])
            for t in self.T:
                money = self.support[d, i, t] = s.real("support", d, i, t)
                s.most(added((1, money), (-most, on)), 0)
                s.least(added((1, money), (-r["least_support"], on)), 0)
        for i, r in self.counties.items():
            here = summed(e for (_, c), e in self.pair.items() if c == i)
            s.least(here, r["partners_min"])
            s.most(here, r["partners_max"])
        for d, r in donors.items():
            here = summed(e for (g, _), e in self.pair.items() if g == d)
            s.least(here, r["pairs_min"])
            s.most(here, np.inf if blank(r["pairs_max"]) else r["pairs_max"])
            load = added(*((q["load"], self.pair[d, q["county"]]) for q in self.rows("pairs") if q["donor"] == d))
            s.most(load, np.inf if blank(r["load_max"]) else r["load_max"])
            for t in self.T:
                given = summed(e for (g, _, u), e in self.support.items() if g == d and u == t)
                s.least(given, r["least_money"])
                s.most(given, r["money"])

    # -- projects ----------------------------------------------------------------------------------------------------

    def cost(self, r: dict[str, Any], start: int, t: int) -> float:
        ages = [r["cost"], r["cost+1"]]
        last = 1 if r["cost+1"] > 0 else 0
        age = t - start
        whole = 0.0 if age < 0 else ages[age] if age <= last else r["upkeep"]
        return whole * (1 - r["own_share"])

    def projects(self) -> None:
        s, rows = self.s, self.rows("projects")
        self.amount, self.on, self.cost_of = {}, {}, {}
        required = {r["requires"] for r in rows if not blank(r["requires"])}
        self.allowed = {r["project"]: [t for t in self.T if blank(r["starts"]) or str(t) == r["starts"]] for r in rows}
        for r in rows:
            p, free = r["project"], int(r["status"] != "forbid")
            scalable, starts = r["scalable"] == 1, self.allowed[r["project"]]
            self.cost_of[p] = {(u, t): self.cost(r, u, t) for u in starts for t in self.T}
            money = max((sum(self.cost_of[p][u, t] for t in self.T) for u in starts), default=0.0)
            least = max(r["least"], min(1 / money if money else 1e-3, r["most"])) if scalable else 1
            switched = scalable and (r["least"] > 0 or not blank(r["exclusive"]) or not blank(r["requires"]) or p in required)
            for u in starts:
                if not scalable:
                    self.amount[p, u] = self.on[p, u] = s.whole("start", p, u, high=free)
                    continue
                self.amount[p, u] = s.real("amount", p, u, upper=r["most"] * free)
                if switched:
                    on = self.on[p, u] = s.whole("started", p, u, high=free)
                    s.most(added((1, self.amount[p, u]), (-r["most"], on)), 0)
                    s.least(added((1, self.amount[p, u]), (-least, on)), 0)
            total = summed(self.amount[p, u] for u in starts)
            s.most(total, r["most"] if scalable else 1)
            if r["status"] == "lock":
                s.least(total, least)
            if switched:
                s.most(summed(self.on[p, u] for u in starts), 1)
        self.linked_projects(rows)

    def linked_projects(self, rows: list[dict[str, Any]]) -> None:
        s = self.s
        sectors = {r["donor"]: r["sectors"] for r in self.rows("donors")}
        groups: dict[str, list[Expr]] = {}
        for r in rows:
            p = r["project"]
            if not blank(r["exclusive"]):
                groups.setdefault(r["exclusive"], []).extend(self.on[p, u] for u in self.allowed[p])
            if not blank(r["requires"]):
                q = r["requires"]
                for t in self.T:
                    mine = summed(self.on[p, u] for u in self.allowed[p] if u <= t)
                    s.most(added((1, mine), (-1, summed(self.on[q, u] for u in self.allowed[q] if u <= t))), 0)
            if not blank(r["partner_sector"]):
                strong = summed(e for (d, i), e in self.pair.items() if i == r["county"] and sectors[d] == r["partner_sector"])
                most = r["most"] if r["scalable"] == 1 else 1
                for u in self.allowed[p]:
                    s.most(added((1, self.amount[p, u]), (-most, strong)), 0)
        for members in groups.values():
            s.most(summed(members), 1)
        self.resources()

    def resources(self) -> None:
        home = {r["project"]: r["county"] for r in self.rows("projects")}
        for r in self.rows("resources"):
            scope = r["scope"]
            places = {"all": {"all"}, "county": set(self.counties)}.get(scope, {c["province"] for c in self.counties.values()})
            for place in places:
                inside = [i for i in self.counties if scope == "all" or place in (i, self.counties[i]["province"])]
                for span in [[t] for t in self.T] if r["per"] == "period" else [self.T]:
                    used = added(*((q["amount"], self.amount[q["project"], u]) for q in self.rows("uses")
                                   for u in self.allowed[q["project"]] if u in span and home[q["project"]] in inside))
                    brought = added(*((q["amount"], self.pair[q["donor"], q["county"]]) for q in self.rows("brings")
                                      if scope == "county" and q["county"] == place))
                    self.s.most(added((1, used), (-1, brought)), r["capacity"])

    # -- money and people --------------------------------------------------------------------------------------------

    def money(self) -> None:
        s, streams = self.s, self.w.settings["streams"]
        central, local = streams["central"], streams["local"]
        self.transfer, self.placed = {}, {}
        self.budget = {("central", t): float(central["budget"]) for t in self.T}
        for i in self.counties:
            for t in self.T:
                for c in CATEGORIES:
                    self.transfer["central", i, c, t] = s.real("transfer", "central", i, c, t)
                    self.placed[i, c, t] = s.real("placed", i, c, t)
                for c in local["categories"]:
                    self.transfer["local", i, c, t] = s.real("transfer", "local", i, c, t)
                given = summed(e for (_, k, u), e in self.support.items() if (k, u) == (i, t))
                s.equal(added((1, summed(self.placed[i, c, t] for c in CATEGORIES)), (-1, given)), 0)
        out = {t: s.real("carried", t, upper=central["carry"] * central["budget"]) for t in self.T[:-1]}
        for t in self.T:
            paid = summed(e for (g, _, _, u), e in self.transfer.items() if (g, u) == ("central", t))
            s.most(added((1, paid), (1, out.get(t, {})), (-1, out.get(t - 1, {}))), central["budget"])
            s.least(paid, central["least_spend"] * central["budget"])
        for r in self.rows("budgets"):
            inside = {i for i, c in self.counties.items() if f"province={c['province']}" == r["scope"]}
            paid = summed(e for (g, i, _, u), e in self.transfer.items() if g == "local" and i in inside and u == r["period"])
            s.most(paid, r["amount"])
            s.least(paid, r["least"])
            self.budget["local", r["period"]] = self.budget.get(("local", r["period"]), 0.0) + r["amount"]

    def coverage(self) -> None:
        s = self.s
        self.covered, self.direct = {}, {}
        served = self.served()
        for (i, k), rho in self.relapse.items():
            lasting = self.w.settings["needs"][k]["kind"] == "lasting"
            for t in self.T:
                people = self.people[i, k, t]
                parts, cost = [], []
                for j, (width, unit) in enumerate(self.tiers.get((i, k), [])):
                    reach = s.real("reach", i, k, j, t, upper=width * people)
                    held = s.real("held", i, k, j, t, upper=width * people)
                    before = {("held", i, k, j, t - 1): 1 - rho} if lasting and t > self.T[0] else {}
                    s.most(added((1, held), (-1, before), (-1, reach)), 0)
                    parts.append(held)
                    cost.append((unit, reach))
                built = s.real("built", i, k, t, upper=people)
                before = {("built", i, k, t - 1): 1 - rho} if lasting and t > self.T[0] else {}
                s.most(added((1, built), (-1, before), (-1, served.get((i, k, t), {}))), 0)
                self.covered[i, k, t] = summed([*parts, built])
                s.most(self.covered[i, k, t], people)
                self.direct[i, k, t] = added(*cost)

    def served(self) -> dict[Any, Expr]:
        rows = {r["project"]: r for r in self.rows("projects")}
        out: dict[Any, Expr] = {}
        for e in self.rows("effects"):
            r = rows[e["project"]]
            lasting = self.w.settings["needs"][e["need"]]["kind"] == "lasting"
            for u in self.allowed[e["project"]]:
                first = u + int(r["delay"])
                count = 1 if lasting else len(self.T) if blank(r["lasts"]) else int(r["lasts"])
                for t in self.T:
                    if first <= t < first + count:
                        key = (r["county"], e["need"], t)
                        out[key] = added((1, out.get(key, {})), (e["people"], self.amount[e["project"], u]))
        return out

    def accounts(self) -> None:
        s, needs = self.s, self.w.settings["needs"]
        allow = self.w.settings["settings"]["unspent"] == "allow"
        home = {r["project"]: (r["county"], r["category"]) for r in self.rows("projects")}
        for i in self.counties:
            for c in CATEGORIES:
                for t in self.T:
                    paid = [e for (_, k, b, u), e in self.transfer.items() if (k, b, u) == (i, c, t)] + [self.placed[i, c, t]]
                    spent = [added((self.cost_of[p][u, t], e)) for (p, u), e in self.amount.items() if home[p] == (i, c)]
                    spent += [e for (k, n, u), e in self.direct.items() if (k, u) == (i, t) and needs[n]["category"] == c]
                    rest = s.real("unspent", i, c, t) if allow else {}
                    s.equal(added((1, summed(paid)), (-1, summed(spent)), (-1, rest)), 0)

    # -- rules -------------------------------------------------------------------------------------------------------

    def atoms(self, m: dict[str, Any]) -> list[tuple[dict[str, Any], Expr]]:
        """What a measure adds up: attributes and expression of each part."""
        what = m["sum"]
        if what == "money":
            parts = [({"stream": g, "county": i, "category": c, "period": t}, e) for (g, i, c, t), e in self.transfer.items()]
            parts += [({"stream": "collaboration", "county": i, "category": c, "period": t}, e)
                      for (i, c, t), e in self.placed.items()]
        elif what == "support":
            parts = [({"donor": d, "county": i, "period": t}, e) for (d, i, t), e in self.support.items()]
        elif what == "pairs":
            parts = [({"donor": d, "county": i}, e) for (d, i), e in self.pair.items()]
        elif what == "projects":
            parts = self._project_atoms(m)
        else:
            parts = []
            for (i, k, t), e in self.covered.items():
                value = e if what == "covered" else added((-1, e), (1, {None: self.people[i, k, t]}))
                weight = self.need_weight(k) if m.get("weighted") else 1.0
                parts.append(({"county": i, "need": k, "period": t}, added((weight, value))))
        kept = []
        for attributes, e in parts:
            if all(attributes[f] == m[f] for f in m if f not in ("sum", "column", "weighted")):
                if "county" in attributes:
                    attributes["province"] = self.counties[attributes["county"]]["province"]
                kept.append((attributes, e))
        return kept

    def _project_atoms(self, m: dict[str, Any]) -> list[tuple[dict[str, Any], Expr]]:
        rows = {r["project"]: r for r in self.rows("projects")}
        out = []
        for (p, u), e in self.amount.items():
            named = {"project": p, **{n: rows[p][n] for n in ("county", "category", "sector")}}
            if m.get("column") == "cost":
                out += [({**named, "period": t}, added((self.cost_of[p][u, t], e))) for t in self.T]
            else:
                out.append(({**named, "period": u}, added((rows[p][m["column"]] if m.get("column") else 1.0, e))))
        return out

    def units(self, each: str) -> list[Any]:
        return {"all": [None], "county": list(self.counties), "donor": [r["donor"] for r in self.rows("donors")],
                "province": sorted({c["province"] for c in self.counties.values()}),
                "sector": sorted({r["sector"] for r in self.rows("projects")})}[each]

    def spans(self, rule: dict[str, Any], m: dict[str, Any]) -> list[list[int]]:
        periods = rule["periods"]
        if m["sum"] == "pairs" or periods == "total":
            return [self.T]
        return [[self.T[-1]]] if periods == "last" else [[t] for t in self.T]

    def value(self, m: dict[str, Any], span: list[int], **units: Any) -> Expr:
        stock = m["sum"] in ("covered", "gap")
        return added(*(
            (self.weight[a["period"]] if stock and len(span) == len(self.T) > 1 else 1.0, e) for a, e in self.atoms(m)
            if a.get("period", span[0]) in span and all(v is None or a[n] == v for n, v in units.items() if n != "all")))

    def missed(self, rule: dict[str, Any], *index: Any) -> Expr:
        """What a row may be missed by: nothing if the rule is hard."""
        if "price" not in rule:
            return {}
        broken = self.s.real("broken", rule["id"], *index)
        self.points.append((rule["price"], broken))
        return broken

    def between(self, value: Expr, low: float | None, high: float | None, broken: Expr) -> None:
        if low is not None:
            self.s.least(added((1, value), (1, broken)), low)
        if high is not None:
            self.s.most(added((1, value), (-1, broken)), high)

    def bound(self, rule: dict[str, Any]) -> None:
        m, each = rule["of"], rule["each"]
        for unit in self.units(each):
            for span in self.spans(rule, m):
                per = self.per(rule, unit, span)
                if per <= 0:
                    continue
                value = added((1 / per, self.value(m, span, **{each: unit})))
                broken = self.missed(rule, unit, span[0])
                if rule.get("or_zero"):
                    granted = self.s.whole("granted", rule["id"], unit, span[0])
                    self.s.most(added((1, value), (-1e4, granted)), 0)
                    self.s.least(added((1, value), (1, broken), (-rule["min"], granted)), 0)
                else:
                    self.between(value, rule.get("min"), rule.get("max"), broken)

    def per(self, rule: dict[str, Any], unit: Any, span: list[int]) -> float:
        inside = [i for i, c in self.counties.items() if rule["each"] == "all" or unit in (i, c["province"])]
        if rule.get("per") == ["population"]:
            return sum(self.counties[i]["population"] for i in inside)
        if rule.get("per") == ["people"]:
            many = len(span) == len(self.T) > 1
            return sum(n * (self.weight[t] if many else 1) for (i, k, t), n in self.people.items()
                       if i in inside and k == rule["of"]["need"] and t in span)
        return 1.0

    def share(self, rule: dict[str, Any]) -> None:
        each, parted = rule["each"], rule.get("part_each", "all")
        if rule.get("from", 0) > sum(r["status"] != "forbid" for r in self.rows("projects")):
            return
        before = {"part": 0.0, "whole": 0.0}
        if "increase_over" in rule:
            base = {r["county"]: r["money"] * len(self.T) for r in self.rows("baseline")}
            before = {"part": base[rule["part"]["county"]], "whole": sum(base.values())}
            if sum(self.budget["central", t] for t in self.T) <= before["whole"]:
                return
        for unit in self.units(each):
            for kind in self.units(parted):
                for span in self.spans(rule, rule["whole"]):
                    part = added((1, self.value(rule["part"], span, **{each: unit, parted: kind})), (1, {None: -before["part"]}))
                    whole = added((1, self.value(rule["whole"], span, **{each: unit})), (1, {None: -before["whole"]}))
                    broken = self.missed(rule, unit, kind, span[0])
                    for end in ("min", "max"):
                        if end in rule:
                            over = added((1, part), (-rule[end], whole))
                            self.between(over, 0 if end == "min" else None, 0 if end == "max" else None, broken)

    def band(self, rule: dict[str, Any]) -> None:
        base = {(r["county"], t): r["money"] for r in self.rows("baseline") for t in self.T}
        if rule["to"] == "factor":
            base = self.factor()
        for unit in self.units(rule["each"]):
            for span in self.spans(rule, rule["of"]):
                b = sum(m for (i, t), m in base.items() if t in span and (unit is None or unit in (
                    i, self.counties[i]["province"])))
                if rule["scaled"]:
                    b *= sum(self.budget["central", t] for t in span) / sum(m for (_, t), m in base.items() if t in span)
                value = self.value(rule["of"], span, **{rule["each"]: unit})
                self.between(value, rule["low"] * b, rule["high"] * b, self.missed(rule, unit, span[0]))

    def factor(self) -> dict[tuple[str, int], float]:
        names = sorted(self.counties)
        shares = dict.fromkeys(names, Fraction(0))
        exact = {i: {n: Fraction(repr(v)) for n, v in c.items() if isinstance(v, float)} for i, c in self.counties.items()}
        top = max(exact[i]["income"] for i in names)
        for weight, score in ((Fraction("0.6"), {i: exact[i]["population"] for i in names}),
                              (Fraction("0.4"), {i: exact[i]["rural_population"] * (top - exact[i]["income"]) for i in names})):
            if not any(score.values()):
                score = {i: exact[i]["rural_population"] for i in names}
            for i in names:
                shares[i] += weight * score[i] / sum(score.values())
        steps = int(self.budget["central", self.T[0]])
        floors = {i: int(shares[i] * steps) for i in names}
        rest = sorted(names, key=lambda i: (floors[i] - shares[i] * steps, i))[: steps - sum(floors.values())]
        return {(i, t): float(floors[i] + (i in rest)) for i in names for t in self.T}

    def pairs_rule(self, rule: dict[str, Any]) -> None:
        rows = self.rows("pairs")
        if "max_changed" in rule:
            ended = summed(added((1, {None: 1.0}), (-1, self.pair[r["donor"], r["county"]])) for r in rows if r["existing"])
            self.between(ended, None, rule["max_changed"], self.missed(rule))
            return
        for i in self.counties:
            best = [r["fit"] for r in rows if r["county"] == i and r["existing"]]
            barred = [self.pair[r["donor"], i] for r in rows if r["county"] == i and not r["existing"] and best
                      and round(r["fit"] - max(best) - rule["min_gain"], 9) < 0]
            if barred:
                self.between(summed(barred), None, 0, self.missed(rule, i))

    def exit(self, rule: dict[str, Any]) -> None:
        last, spoken = self.T[-1], []
        for i, c in self.counties.items():
            share = rule["threshold"] if isinstance(rule["threshold"], float) else next(
                e["value"] for e in rule["threshold"] if e["where"]["province"] == c["province"])
            spoken.append(self.s.whole("exited", i))
            gaps = [(self.people[i, k, last], e) for (n, k, t), e in self.covered.items()
                    if (n, t) == (i, last) and k in rule["needs"]]
            for people, covered in gaps:  # one need: largest and sum are the same
                self.s.least(added((1, covered), (-max(0.0, people - share * c["rural_population"]), spoken[-1])), 0)
        if rule["at_least"] == "all":
            for n, e in enumerate(spoken):
                self.between(e, 1, None, self.missed(rule, n))
        else:
            self.between(summed(spoken), float(rule["at_least"]), None, self.missed(rule))

    def equity(self, rule: dict[str, Any]) -> None:
        broken = self.missed(rule)
        each = {"counties": "county"}.get(rule["over"], rule["over"])
        share = rule["outcome"] == "covered_share"
        for unit in self.units(each):
            inside = [i for i, c in self.counties.items() if unit in (i, c["province"])]
            value = self.value({"sum": "covered" if share else "gap", "weighted": share}, self.T, **{each: unit})
            if share:
                per = sum(n * self.weight[t] * self.need_weight(k) for (i, k, t), n in self.people.items() if i in inside)
            else:
                per = sum(self.counties[i]["population"] for i in inside) / 1000
            if per > 0:
                self.between(added((1 / per, value)), rule.get("min"), rule.get("max"), broken)

    # -- what is asked -----------------------------------------------------------------------------------------------

    def coverage_goal(self) -> Expr:
        return added(*((self.weight[t] * self.need_weight(k), e) for (_, k, t), e in self.covered.items()))

    def goals(self) -> dict[str, Expr]:
        """Criteria to be made large; those to be made small are negative."""
        fit = {(r["donor"], r["county"]): r["fit"] for r in self.rows("pairs")}
        ended = [added((1, {None: 1.0}), (-1, self.pair[r["donor"], r["county"]])) for r in self.rows("pairs") if r["existing"]]
        people = {k: sum(n * self.weight[t] for (_, need, t), n in self.people.items() if need == k) for _, k in self.relapse}
        return {
            "coverage": self.coverage_goal(),
            "coverage_share": added(*((self.weight[t] / people[k] / len(people), e) for (_, k, t), e in self.covered.items())),
            "gap": added(*((-self.weight[t], added((1, {None: self.people[i, k, t]}), (-1, e)))
                           for (i, k, t), e in self.covered.items())),
            "spend": added(*((-1, e) for e in (*self.transfer.values(), *self.placed.values()))),
            "fit": added(*((fit[d, i], e) for (d, i, _), e in self.support.items())),
            "fit_pairs": added(*((fit[pair], e) for pair, e in self.pair.items())),
            "disruption": added(*((-1, e) for e in ended)),
        }

    RULES: ClassVar = {"bound": bound, "share": share, "band": band, "pairs": pairs_rule, "exit": exit, "equity": equity}


def optimum(world: World, limit: int = 4000) -> tuple[str, float | None, float | None]:
    """Outcome (``optimal``, ``infeasible``, ``too many`` choices to go through), points of soft rules, coverage."""
    reading = Reading(world)
    enumeration = Enumeration(reading.s, limit)
    if enumeration.choices is None:
        return "too many", None, None
    points, goal = added(*reading.points), reading.coverage_goal()
    if not reading.points:
        best = enumeration.best(goal)
        return ("infeasible", None, None) if best is None else ("optimal", 0.0, best)
    fewest = enumeration.best(added((-1, points)))
    if fewest is None:
        return "infeasible", None, None
    best = enumeration.best(goal, [(points, -fewest + 1e-6 * max(1.0, -fewest))])
    return "optimal", -fewest, best
