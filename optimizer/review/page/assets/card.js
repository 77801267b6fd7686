// A county's card: who is recommended, why, what else there is and at what price, and the decision.
const shown = { place: null, kind: "county", sync: [] };

function fact(label, ...value) {
  return el("div", {}, el("dt", {}, label), el("dd", {}, value));
}

function link(place, kind, text) {
  return el("button", { type: "button", class: "link", click: () => show(kind, place) }, text ?? named(place, 60));
}

/** A share as a bar with its number. */
function meter(label, share) {
  const fill = el("span", { class: "fill" });
  fill.style.width = 100 * Math.min(Math.max(share, 0), 1) + "%";
  return el("div", { class: "bar" }, el("span", { class: "label" }, label), el("span", { class: "track", "aria-hidden": "true" }, fill),
    el("span", { class: "value" }, percent(share)));
}

/** Parts of the fit as bars; a line shows where the recommended partner stands. */
function fitBars(pair, against) {
  const bars = PARTS.map((part, at) => [part, pair.parts[at], against?.parts[at]]).filter(([, value]) => known(value))
    .map(([part, value, other]) => {
      const most = Math.max(1, PART_MOST[part.key]);
      const fill = el("span", { class: "fill" });
      fill.style.width = 100 * Math.min(Math.max(value / most, 0), 1) + "%";
      const line = known(other) ? el("span", { class: "line-mark" }) : null;
      if (line) line.style.insetInlineStart = 100 * Math.min(Math.max(other / most, 0), 1) + "%";
      const numbers = known(part.weight) ? t("part_numbers", { value: num(value, 2), weight: num(part.weight, 2),
        product: num(value * part.weight, 2) }) : num(value, 2);
      const label = worded("part_", part.key);
      return el("div", { class: "bar" }, el("span", { class: "label" }, label),
        el("span", { class: "track", "aria-hidden": "true" }, fill, line), el("span", { class: "value" }, numbers));
    });
  return el("div", { class: "bars" }, el("p", { class: "sum" }, t("fit_sum", { fit: num(pair.fit, 2) })), bars,
  against && bars.length ? el("p", { class: "hint" }, t("fit_line")) : null);
}

const PART_MOST = Object.fromEntries(PARTS.map((part, at) => [part.key, PAIRS.reduce((most, pair) =>
  Math.max(most, pair.parts[at] ?? 0), 0)]));

let groups = 0;

/** Accept, lock, forbid or undecided, and a comment. An alternative is chosen instead, which is a lock. */
function control(pair, other) {
  const name = "decision-" + (groups += 1);
  const offered = pair.chosen ? CHOICES : ["lock", "forbid", "undecided"];
  const inputs = offered.map((word) => el("input", { type: "radio", name, value: word, change: () => decide(pair, word) }));
  const words = (word) => t(pair.chosen || word !== "lock" ? "decision_" + word : "decision_instead");
  const said = el("textarea", { rows: 1, maxlength: 5000, "aria-label": t("comment_on", { place: named(other, 40) }),
    placeholder: t("comment_placeholder"), input: (event) => comment(pair, event.target.value) });
  const before = el("div", { class: "hint" });
  const sync = () => {
    const now = decisionOf(pair);
    const standing = !pair.chosen && now === "accept" ? "lock" : now;
    inputs.forEach((input) => { input.checked = input.value === standing; });
    if (document.activeElement !== said) said.value = reasonOf(pair);
    before.replaceChildren(...history(pair));
  };
  shown.sync.push(sync);
  sync();
  return el("div", { class: "control" },
    el("fieldset", { class: "choice" }, el("legend", {}, t("decision_on", { place: named(other, 40) })),
      offered.map((word, at) => el("label", { class: word, title: t("explain_" + (pair.chosen || word !== "lock" ? word : "instead")) },
        inputs[at], el("span", {}, words(word))))), said, before);
}

/** What is said of the pair outside the present round: signed decisions, and a lock that the instance holds. */
function history(pair) {
  const out = [];
  if (pair.status === "lock" || pair.status === "forbid") out.push(el("p", {}, t("status_" + pair.status)));
  const rows = store.rows.filter((row) => row.kind === "pair" && row.donor === pair.donor.id && row.county === pair.county.id
    && (row.reviewer || turnOf(row) !== store.round));
  for (const row of rows) {
    out.push(el("p", {}, t("signed", { round: row.round || "–", decision: t("decision_" + row.decision),
      reviewer: isolated(row.reviewer || "–", 60), date: isolated(row.date || "–", 20) }),
    row.reason && turnOf(row) !== store.round ? " " + isolated(row.reason, 300) : ""));
  }
  return out;
}

function sureness(pair) {
  return [known(pair.share) ? meter(t("share_near"), pair.share) : null, known(pair.runs) ? meter(t("share_runs"), pair.runs) : null];
}

function since(pair) {
  if (!pair.existing) return t("partner_new_long");
  return known(pair.since) ? t("partner_since", { year: String(pair.since) }) : t("partner_kept_long");
}

function reasons(pair) {
  const out = [];
  if (known(pair.adds)) out.push(t("adds", { price: lossInWords(pair.addsLow, pair.adds) }));
  if (pair.binding) out.push(...pair.binding.split(";").filter(Boolean).map((word) => worded("binding_", word.trim())));
  return out;
}

function chosenPanel(pair, kind) {
  const other = kind === "county" ? pair.donor : pair.county;
  return el("section", { class: "panel" },
    el("h3", {}, link(other, kind === "county" ? "donor" : "county"), el("span", { class: "place" }, placeOf(other))),
    el("p", { class: "lead" }, el("strong", {}, t("money_flows", { money: money(pair.money) })), " · ", t("distance", { n: num(pair.distance, 0) }),
      " · ", since(pair)),
    el("p", { class: "reason" }, joined(reasons(pair))), fitBars(pair, null), sureness(pair), control(pair, other));
}

function alternative(pair, at, kind) {
  const other = kind === "county" ? pair.donor : pair.county;
  const against = kind === "county" && pair.county.chosen.length === 1 ? pair.county.chosen[0] : null;
  const [gone, instead] = [pairsIn(pair.displaces || ""), pairsIn(pair.moves || "")];
  return el("article", { class: "alternative" },
    el("h4", {}, el("span", { class: "rank" }, at + 1 + ". "), link(other, kind === "county" ? "donor" : "county"),
      el("span", { class: "place" }, placeOf(other))),
    el("p", { class: "lead" }, el("strong", {}, priceInWords(pair)), " ", el("span", { class: "hint" }, priceNote(pair))),
    el("p", { class: "facts" }, pair.replaces && pair.county.chosen.length > 1 ? replacesInWords(pair) + " · " : "",
    known(pair.moneyChange) ? t("money_change", { n: moneySigned(pair.moneyChange) }) + " · " : "",
      t("fit_is", { n: num(pair.fit, 2) }), known(pair.fitChange) ? " · " + t("fit_change", { n: signed(pair.fitChange, 2) }) : "", " · ",
      t("distance", { n: num(pair.distance, 0) }), " · ", since(pair),
      known(pair.share) ? " · " + t("share_near_short", { share: percent(pair.share) }) : "",
      known(pair.runs) ? " · " + t("share_runs_short", { share: percent(pair.runs) }) : ""),
    gone.length ? el("p", { class: "displaces" }, joined(t("displaces", { pairs: gone.join(t("list_mark")) }),
      instead.length ? t("moves", { pairs: instead.join(t("list_mark")) }) : "")) : null,
    PARTS.length ? el("details", {}, el("summary", {}, t("why_fit")), fitBars(pair, against)) : null, control(pair, other));
}

/** Which of the county's partners an alternative takes the place of. */
function replacesInWords(pair) {
  const names = pair.replaces.split(";").map((id) => donorById.has(id) ? named(donorById.get(id), 30) : isolated(id, 30));
  return t("replaces", { donors: names.join(t("list_mark")) });
}

function verdictInWords(county) {
  if (!county.nearest) return county.verdict === "unpriced" ? "" : t("verdict_long_only");
  const values = { donor: named(county.nearest.donor, 40), price: priceInWords(county.nearest) };
  const share = known(county.worth) && county.worth > 0 && county.nearest.high > 0 ? county.nearest.high / county.worth : 0;
  const told = share >= 5e-5 && share < Infinity ? t(county.nearest.kind === "exact" ? "verdict_share" : "verdict_share_most", { share: t("percent", { n: num(100 * share, 2) }) }) : "";
  if (better(county)) return t("verdict_long_better", values);
  return VERDICTS.includes(county.verdict) ? joined(t("verdict_long_" + county.verdict, values), told) : "";
}

/** Whether the nearest alternative would be better by more than one would call a hair. */
function better(county) {
  return Boolean(county.nearest) && -county.nearest.high > Math.max(PEOPLE ? 0.5 : 1e-9, 1e-3 * (county.worth || 0));
}

function heading(place, kind) {
  return [el("button", { type: "button", class: "back", click: back }, "← " + t("back")),
    el("h2", { tabindex: -1, id: "card-title" }, named(place, 5000)),
    el("p", { class: "place" }, t("kind_" + kind) + " · ", placeOf(place), place.region && place.region !== "none" ? " · " + isolated(place.region, 60) : "", " · ",
      isolated(place.id, 70))];
}

/** Warnings that name this place or a partner of it. */
function placeWarnings(place) {
  const box = el("div", { class: "warned" });
  const near = new Set([place, ...place.chosen.map((pair) => pair.donor), ...place.rows.map((pair) => pair.donor)]);
  shown.sync.push(() => box.replaceChildren(...warnings().filter((item) => near.has(item.place))
    .map((item) => el("p", { class: "warning" }, "⚠ " + item.text))));
  return box;
}

function countyCard(county) {
  const share = known(county.covered) && county.need > 0 ? " (" + percent(county.covered / county.need) + ")" : "";
  return [heading(county, "county"), placeWarnings(county),
    el("p", { class: "verdict" }, el("span", { class: "chip " + county.verdict }, verdictWord(county)), " ", verdictInWords(county)),
    county.note && !(county.note === "note_better" && better(county)) ? el("p", { class: "hint" }, worded("", county.note)) : null,
    el("dl", { class: "figures" }, fact(t(NEEDS > 1 ? "fact_needs" : "fact_need"), num(county.need, 0)),
      fact(t(NEEDS > 1 ? "fact_covered_needs" : "fact_covered"), num(county.covered, 0) + share),
      fact(t("fact_money"), money(county.money)), fact(t("fact_candidates"), num(county.candidates, 0))),
    el("h3", { class: "part" }, t("recommended", { n: county.chosen.length })),
    county.chosen.length ? county.chosen.map((pair) => chosenPanel(pair, "county")) : el("p", {}, t("no_partner")),
    el("h3", { class: "part" }, t("alternatives", { n: county.others.length })),
    county.others.length ? county.others.map((pair, at) => alternative(pair, at, "county")) : el("p", {}, t(county.verdict === "unpriced" ? "note_late" : "no_alternative"))];
}

function donorCard(donor) {
  const limit = known(donor.most) ? t("of_most", { n: donor.pairs, most: donor.most }) : t("pairs_count", { n: donor.pairs });
  const rather = STABILITY.filter((item) => item.donor === donor);
  return [heading(donor, "donor"), placeWarnings(donor),
    el("dl", { class: "figures" }, fact(t("fact_pairs"), limit),
      fact(t("fact_money_used"), known(donor.moneyMost) ? t("of_money", { n: money(donor.moneyUsed), most: money(donor.moneyMost) })
        : money(donor.moneyUsed)),
      known(donor.loadMost) ? fact(t("fact_load"), t("of_money", { n: num(donor.load), most: num(donor.loadMost) })) : [],
      known(donor.leastUsed) && donor.leastUsed > 0 ? fact(t("fact_least"), money(donor.leastUsed)) : []),
    el("h3", { class: "part" }, t("its_counties", { n: donor.chosen.length })),
    donor.chosen.length ? donor.chosen.map((pair) => chosenPanel(pair, "donor")) : el("p", {}, t("no_county")),
    el("h3", { class: "part" }, t("could_take", { n: donor.others.length })),
    donor.others.length ? donor.others.slice(0, 20).map((pair, at) => alternative(pair, at, "donor")) : el("p", {}, t("no_other_county")),
    donor.others.length > 20 ? el("p", { class: "hint" }, t("more", { n: donor.others.length - 20 })) : null,
    rather.length ? [el("h3", { class: "part" }, t("rather")), stabilityTable(rather, false)] : null];
}
