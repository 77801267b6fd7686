// Paper for a meeting: the counties that the list shows, by province, with room for the decision.
function printed() {
  const counties = list.view === "county" ? list.shown : [...new Set(list.shown.flatMap((donor) => donor.chosen.map((pair) => pair.county)))];
  const bodies = [...grouped(counties, (county) => county.province || "–")].map(([province, some]) => [
    el("h2", {}, isolated(province, 60) + " · " + t("count_county", { n: some.length, all: some.length })), el("table", {},
      el("thead", {}, el("tr", {}, ["head_county", "head_partner", "head_money", "head_why", "head_next_best", "head_decision", "head_reason"]
        .map((key) => el("th", { scope: "col" }, t(key))))), el("tbody", {}, some.map(printedRow)))]);
  byId("print").replaceChildren(...el("div", {}, el("h1", {}, isolated(DATA.settings.title, 120)),
    el("p", {}, t("print_line", { date: today(), n: counties.length }), " ", el("span", {}, moneyLine())),
    warnings().map((item) => el("p", { class: "warning" }, "⚠ " + item.text)), bodies,
    el("p", { class: "signature" }, t("print_signature"))).childNodes);
}

/** The parts that make most of a pair's fit, in words. */
function strongest(pair) {
  return PARTS.map((part, at) => [part, (pair.parts[at] ?? 0) * (part.weight ?? 1)]).filter(([, value]) => value > 0)
    .sort((a, b) => b[1] - a[1]).slice(0, 2).map(([part, value]) => worded("part_", part.key) + " " + num(value, 2)).join(t("list_mark"));
}

function printedRow(county) {
  const cells = (of) => county.chosen.map((pair) => el("div", {}, of(pair)));
  const decision = county.rows.filter((pair) => decisionOf(pair) !== "undecided")
    .map((pair) => el("div", {}, t("decision_" + decisionOf(pair)) + " · " + named(pair.donor, 20)));
  const reasons = county.rows.filter((pair) => reasonOf(pair)).map((pair) => el("div", {}, isolated(reasonOf(pair), 200)));
  return el("tr", {}, el("td", {}, named(county, 30), el("div", { class: "hint" }, verdictWord(county))),
    el("td", {}, cells((pair) => named(pair.donor, 30) + (pair.existing ? "" : " · " + t("partner_new_long")))),
    el("td", {}, cells((pair) => money(pair.money))),
    el("td", {}, cells((pair) => [t("fit_is", { n: num(pair.fit, 2) }), el("div", { class: "hint" }, strongest(pair))])),
    el("td", {}, county.others.slice(0, 2).map((pair) => el("div", {}, named(pair.donor, 20) + t("colon") + priceInWords(pair)))),
    el("td", { class: "decide" }, decision.length ? decision : [el("div", {}, "☐ " + t("decision_accept")), el("div", {}, "☐ " + t("print_other"))]),
    el("td", { class: "comment" }, reasons));
}
