// Paper for a meeting: the counties that the list shows, by province, with room for the decision.
function printed() {
  const counties = list.view === "county" ? list.shown : [...new Set(list.shown.flatMap((donor) => donor.chosen.map((pair) => pair.county)))];
  const bodies = [...grouped(counties, (county) => county.province || "–")].map(([province, some]) => [
    el("h2", {}, isolated(province, 60) + " · " + t("count_county", { n: some.length, all: some.length })), el("table", {},
      el("thead", {}, el("tr", {}, ["head_county", "head_partner", "head_money", "head_why", "head_next_best", "head_decision", "head_reason"]
        .map((key) => el("th", { scope: "col" }, t(key))))), some.map(printedRows))]);
  byId("print").replaceChildren(...el("div", {}, el("h1", {}, isolated(DATA.settings.titles[lang], 120)),
    el("p", {}, joined(t("print_line", { date: today(), n: counties.length }), moneyLine())),
    warnings().map((item) => el("p", { class: "warning" }, "⚠ " + item.text)), bodies,
    el("p", { class: "signature" }, t("print_signature"))).childNodes);
}

/** The parts that make most of a pair's fit, in words. */
function strongest(pair) {
  return PARTS.map((part, at) => [part, (pair.parts[at] ?? 0) * (part.weight ?? 1)]).filter(([, value]) => value > 0)
    .sort((a, b) => b[1] - a[1]).slice(0, 2).map(([part, value]) => worded("part_", part.key) + " " + num(value, 2)).join(t("list_mark"));
}

/** A line for each partner, so that its money and its reasons stand beside its name; what is said of the county spans them. */
function printedRows(county) {
  const own = county.chosen.length ? county.chosen : [null];
  const span = (...cell) => el("td", { rowspan: own.length }, ...cell);
  const partner = (pair) => !pair ? [el("td", {}, t("no_partner")), el("td", {}), el("td", {})] : [
    el("td", {}, named(pair.donor, 30), el("div", { class: "hint" }, since(pair))), el("td", {}, money(pair.money)),
    el("td", {}, t("fit_is", { n: num(pair.fit, 2) }), el("div", { class: "hint" }, strongest(pair)))];
  const instead = (pair) => own.length > 1 && pair.replaces ? el("div", { class: "hint" }, replacesInWords(pair)) : null;
  const decision = county.rows.filter((pair) => decisionOf(pair) !== "undecided")
    .map((pair) => el("div", {}, t("decision_" + decisionOf(pair)) + " · " + named(pair.donor, 20)));
  const reasons = county.rows.filter((pair) => reasonOf(pair)).map((pair) => el("div", {}, isolated(reasonOf(pair), 200)));
  const about = [span(named(county, 30), el("div", { class: "hint" }, verdictWord(county)))];
  const after = [span(county.others.slice(0, 2).map((pair) => el("div", {}, named(pair.donor, 20) + t("colon") + priceInWords(pair), instead(pair)))),
    span(decision.length ? decision : [el("div", {}, "☐ " + t("decision_accept")), el("div", {}, "☐ " + t("print_other"))]), span(reasons)];
  return el("tbody", {}, own.map((pair, at) => el("tr", {}, at ? [] : about, partner(pair), at ? [] : after)));
}
