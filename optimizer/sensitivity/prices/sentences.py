"""Prices in words, for those who do not know what a dual is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optimizer.instance.data import Data
from optimizer.sensitivity.figures import remainder
from optimizer.sensitivity.prices.limits import Limit
from optimizer.sensitivity.prices.prices import Price
from optimizer.sensitivity.prices.question import EXACT, Question

MILLION = 1e6
FOR_SELECTION = "for this selection of pairs and projects"
ASKS = {"least": "asks for", "most": "allows"}
LABELS = {"county": "counties", "donor": "donors", "project": "projects"}


@dataclass(frozen=True, eq=False)
class Words:
    """How the amounts of an instance and its criterion are said.

    Parameters
    ----------
    data : the instance
    asked : what is priced
    """

    data: Data
    asked: Question

    @property
    def per_million(self) -> float:
        """Units of money in a million yuan."""
        return MILLION / self.data.yuan

    @property
    def currency(self) -> str:
        """Yuan, or what the instance counts its money in."""
        return self.data.settings.money.currency

    @property
    def tier(self) -> str:
        """What the prices hold for, at the end of a sentence."""
        return "" if self.asked.tier == EXACT else f" ({FOR_SELECTION})"

    def is_money(self, unit: str) -> bool:
        """Whether amounts in a unit are money."""
        return unit == self.data.settings.money.unit

    def step(self, unit: str, value: float = 1.0) -> tuple[float, str]:
        """How large a change is spoken of, and its name: a million yuan, a hundredth of a rule's number, or one unit."""
        if self.is_money(unit):
            return self.per_million, f"a million {self.currency}"
        if "." in unit:
            size = 0.01 if abs(value) <= 2 else 0.01 * abs(value)
            return size, number(size)
        return 1.0, "1"

    def amount(self, value: float, unit: str) -> str:
        """An amount with its unit, money in million yuan."""
        if self.is_money(unit):
            return f"{number(value / self.per_million)} million {self.currency}"
        return number(value) if "." in unit else f"{number(value)} {unit}"

    def change(self, amount: float) -> str:
        """What a change of the criterion means: "cover 312 more people", "lower gap by 4 people"."""
        unit, name = self.asked.linear.unit, self.asked.criterion
        if abs(amount) < 1e-9:
            return f"change nothing in {name}"
        if name == "coverage":
            return f"cover {number(abs(amount))} {'more' if amount > 0 else 'fewer'} {unit or 'people'}"
        return f"{'raise' if amount > 0 else 'lower'} {name} by {number(abs(amount))} {unit}".rstrip()

    def name(self, key: str, value: object) -> str:
        """A county, donor or project by name."""
        names = self._names.get(key)
        if names is None:
            return str(value)
        label = str(names.get(value, value))
        return label if label == str(value) else f"{label} ({value})"

    @cached_property
    def _names(self) -> dict[str, dict[object, object]]:
        return {key: getattr(self.data, table)["name"].to_dict() for key, table in LABELS.items()}

    def where(self, limit: Limit) -> str:
        """What a limit is called."""
        keys = {str(key): self.name(key, value) for key, value in limit.keys.items()}
        period = f", {keys['period']}" if "period" in keys and len(self.data.periods) > 1 else ""
        if limit.kind == "resource":
            place = "" if limit.keys["of"] == "all" else f" in {self.name('county', limit.keys['of'])}"
            return f"{keys['resource']}{place}{period}"
        if limit.kind == "rule":
            if not limit.keys:
                return limit.index
            places = ", ".join(value for key, value in keys.items() if key != "period")
            asks = ASKS.get(limit.side, "says")
            return f"what rule {self._rule(limit.clause)} {asks}{f' ({places})' if places else ''}{period}"
        scope = "" if keys.get("scope") in (None, "all") else f" ({keys['scope']})"
        named = {
            "stream_budget": f"the budget of {keys.get('stream')}{scope}",
            "stream_least": f"the least spend of {keys.get('stream')}{scope}",
            "donor_money": f"the {'commitment' if limit.side == 'least' else 'money'} of {keys.get('donor')}",
            "counties_of_donor": f"the {limit.side} number of counties of {keys.get('donor')}",
            "load_of_donor": f"the load of {keys.get('donor')}",
            "partners_of_county": f"the {limit.side} number of partners of {keys.get('county')}",
            "amount_total": f"the most of project {keys.get('project')}",
            "money_decision": f"decision {keys.get('decision')} on money",
        }.get(limit.clause, limit.index)
        return f"{named}{period}"

    def _rule(self, clause: str) -> str:
        """The rule that states a family of rows; the longest name that fits."""
        text = clause.removeprefix("rule_")
        fits = [rule.id for rule in self.data.settings.rules if text == rule.id or text.startswith(f"{rule.id}_")]
        return max(fits, key=len, default=text)

    def limit(self, limit: Limit, price: Price | None, proven_end: bool) -> str:
        """What a limit is worth, as one or two sentences; ``price`` None: whole choices that are held stand in it alone."""
        what = self.where(limit)
        if price is None:
            return (f"{_capital(what)}: only whole choices stand in it, and they are held here, so that no price can be told; "
                    "solve again to see what a change does")
        if limit.clause == "account":
            return self._county(limit, price)
        if limit.slack > 0 and price.up == 0 == price.down:
            left = self.amount(limit.slack, limit.unit)
            return f"{_capital(what)} does not bind, by {left}: a little more or less changes nothing"
        size, word = self.step(limit.unit, limit.value)
        least = "" if proven_end else "at least "
        if np.isnan(price.up):
            more = f"what raising {what} would do is not known (the time was over)"
        elif np.isinf(price.up):
            more = f"with {what} any higher there is no plan"
        else:
            more = (f"raising {what} by {word} would {self.change(price.up * size)}, "
                    f"{self._end(limit.value + price.above, limit, f'{least}up to')}")
        if np.isnan(price.down):
            less = "what lowering it would do is not known (the time was over)"
        elif np.isinf(price.down):
            less = "with it any lower there is no plan"
        else:
            less = (f"lowering it as much would {self.change(-price.down * size)}, "
                    f"{self._end(remainder(limit.value, price.below), limit, f'{least}down to')}")
        return f"{_capital(more)}; {less}{self.tier}"

    def another(self, limit: Limit, county: object, gain: float) -> str:
        """What one more county could bring a donor at most, the other pairs held."""
        change = self.change(-self.asked.sign * gain)
        return (f"Giving {self.name('donor', limit.keys['donor'])} another county ({self.name('county', county)}) could {change} "
                f"at most{self.tier}; solve again for the figure itself")

    def _end(self, value: float, limit: Limit, way: str) -> str:
        return "however far" if np.isinf(value) else f"{way} {self.amount(value, limit.unit)}"

    def _county(self, limit: Limit, price: Price) -> str:
        keys = limit.keys
        county = self.name("county", keys["county"])
        size = self.per_million
        when = f" ({keys['period']})" if len(self.data.periods) > 1 else ""
        what = f"a million {self.currency} from outside for {keys['category']} in {county}{when}"
        if np.isnan(price.up):
            return f"What {what} would do is not known (the time was over)"
        far = "" if np.isinf(price.above) else f", up to {self.amount(price.above, limit.unit)}"
        return f"{_capital(what)} would {self.change(price.up * size)}{far}{self.tier}"


def number(value: float) -> str:
    """A number as one says it: no more digits than mean something."""
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}"
    text = f"{value:.4g}"
    return text if "e" not in text else f"{value:.2e}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
