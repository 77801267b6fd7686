// What holds for the whole: against today, how much may change, who would rather swap, and how prices were worked out.
const STABILITY = records(DATA.stability).map((row) => ({ ...row, donor: DONORS[row.donor], county: COUNTIES[row.county] }));
const TODAY = records(DATA.today).map((row) => ({ ...row, donor: DONORS[row.donor], county: COUNTIES[row.county] }));
const CHANGES = records(DATA.changes);

function table(heads, rows, numeric) {
  return el("div", { class: "wide" }, el("table", {}, el("thead", {}, el("tr", {}, heads.map((head, at) =>
    el("th", { scope: "col", class: numeric.includes(at) ? "n" : null }, head)))),
  el("tbody", {}, rows.map((row) => el("tr", {}, row.map((value, at) => el("td", { class: numeric.includes(at) ? "n" : null }, value)))))));
}

function stabilityTable(rows, donors) {
  const heads = [t("head_county"), t("head_kind"), t("head_donor_gain"), t("head_county_gain")];
  const cells = rows.map((row) => [link(row.county, "county", named(row.county, 30)), worded("stability_", row.kind),
    signed(row.donorGain, 2), signed(row.countyGain, 2)]);
  if (!donors) return table(heads, cells, [2, 3]);
  return table([t("head_donor"), ...heads], rows.map((row, at) => [link(row.donor, "donor", named(row.donor, 30)), ...cells[at]]), [3, 4]);
}

function headlines() {
  const chosen = PAIRS.filter((pair) => pair.chosen);
  const of = (verdict) => COUNTIES.filter((county) => county.verdict === verdict).length;
  const s = DATA.settings;
  const out = [t("head_pairs", { pairs: chosen.length, counties: new Set(chosen.map((pair) => pair.county)).size,
    donors: new Set(chosen.map((pair) => pair.donor)).size, money: money(total(chosen, (pair) => pair.money)) }),
  joined(t("head_verdicts", { settled: of("settled"), clear: of("clear"), close: of("toss_up") }), unpriced() ? t("head_unpriced", { n: unpriced() }) : "")];
  if (known(s.objective)) out.push(joined(t(s.objectivePeople ? "head_objective_people" : "head_objective_other", { n: s.objective, unit: isolated(s.objectiveUnit[lang], 40),
    criterion: isolated(s.criterion[lang], 60) }), known(s.gap) ? t("head_gap", { gap: num(s.gap, 3) }) : ""));
  const made = [["made_exchanges", s.exchanges], ["made_renewals", s.renewals]].filter(([, n]) => n).map(([key, n]) => t(key, { n }));
  if (made.length) out.push(joined(t(s.objectivePeople ? "head_improved_people" : "head_improved_other", { made: made.join(t("and_mark")), n: num(s.gain),
    unit: isolated(s.objectiveUnit[lang], 40) }), t(s.exhausted ? "head_exhausted" : "head_not_exhausted")));
  return out;
}

function todayPart() {
  if (!TODAY.length) return [];
  const of = (status) => TODAY.filter((row) => row.status === status);
  const rows = [...of("ended"), ...of("new")];
  const price = (row) => known(row.price) ? lossInWords(row.price, row.price) : t("price_unknown");
  return [el("h3", { class: "part" }, t("today_title")),
    el("p", {}, t("today_sentence", { kept: of("kept").length, ended: of("ended").length, fresh: of("new").length })),
    rows.length ? el("details", { open: rows.length <= 12 }, el("summary", {}, t("today_rows", { n: rows.length })), table([t("head_donor"), t("head_county"), t("head_status"), t("head_fit"), t("head_money"), t("head_price_today")],
      rows.slice(0, 300).map((row) => [link(row.donor, "donor", named(row.donor, 30)), link(row.county, "county", named(row.county, 30)),
        worded("today_", row.status), num(row.fit, 2), money(row.money), price(row)]), [3, 4])) : null,
    rows.length > 300 ? el("p", { class: "hint" }, t("more", { n: rows.length - 300 })) : null];
}

/** The best plan for each number of partnerships that may end, as a curve and as a table. */
function changesPart() {
  if (!CHANGES.length) return [];
  const points = CHANGES.filter((row) => known(row.value));
  const [width, height, left, bottom, top] = [520, 230, 84, 46, 30];
  const [low, high] = [Math.min(...points.map((row) => row.value)), Math.max(...points.map((row) => row.value))];
  const last = Math.max(1, ...points.map((row) => row.n));
  const x = (n) => left + (n / last) * (width - left - 20);
  const y = (value) => height - bottom - ((value - low) / Math.max(high - low, 1e-9)) * (height - bottom - top);
  const unit = PEOPLE ? t("unit_people") : isolated(DATA.settings.unit[lang], 40);
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "curve", role: "img", "aria-label": t("changes_title") },
    svg("path", { class: "axis", d: `M${left},${top - 10}V${height - bottom}H${width - 10}` }),
    lettered(4, 12, unit), lettered(left, height - 6, t("head_changes")),
    svg("path", { class: "path", d: points.map((row, at) => (at ? "L" : "M") + x(row.n) + "," + y(row.value)).join("") }),
    ...points.map((row) => svg("circle", { cx: x(row.n), cy: y(row.value), r: 4 })),
    ...points.map((row) => { const node = lettered(x(row.n), height - bottom + 16, num(row.n)); node.setAttribute("text-anchor", "middle"); return node; }),
    ...[low, high].map((value) => { const node = lettered(left - 6, y(value) + 4, num(value)); node.setAttribute("text-anchor", "end"); return node; }));
  return [el("h3", { class: "part" }, t("changes_title")), el("p", {}, t("changes_sentence")), points.length > 1 ? picture : null,
    table([t("head_changes"), t("head_value", { unit }), t("head_bound", { unit }), t("head_ended"), t("head_new")], CHANGES.map((row) =>
      known(row.value) ? [num(row.n), num(row.value), num(row.bound), num(row.ended), num(row.new)]
        : [num(row.n), worded("changes_", row.status || "none"), "–", "–", "–"]), [0, 1, 2, 3, 4])];
}

/** How far the pairing is from one that nobody would rather leave, judged by fit alone. */
function stabilityInWords() {
  const { blocking_share: share, fit, stable_fit: stable } = DATA.settings;
  const { blocking, envy } = DATA.unstable;
  if (!blocking && !envy) return [t("stability_none")];
  return [t("stability_sentence", { n: blocking }), blocking && known(share) ? t("stability_share", { share: percent(share) }) : "",
    envy ? t("stability_envies", { n: envy }) : "",
    known(fit) && known(stable) ? t("stability_fit", { fit: num(fit, 1), stable: num(stable, 1) }) : "", t("stability_why")];
}

function overview() {
  const s = DATA.settings;
  const exact = PAIRS.filter((pair) => !pair.chosen && pair.kind === "exact").length;
  const all = PAIRS.filter((pair) => !pair.chosen && known(pair.low)).length;
  const how = [t("how_prices", { exact, all }), t("how_held"), t("how_verdict"), t("how_searched"), PEOPLE ? t("how_people") : "", NEEDS > 1 ? t("how_needs") : "", t("how_fit"), t("how_sum"), t("how_map"), t("how_keys")];
  byId("overview").replaceChildren(...el("div", {}, el("h2", {}, t("tab_overview")), el("ul", { class: "headlines" },
    headlines().map((text) => el("li", {}, text))), todayPart(), changesPart(),
  el("h3", { class: "part" }, t("stability_title")), el("p", {}, joined(stabilityInWords())),
  STABILITY.length ? el("details", { open: STABILITY.length <= 12 }, el("summary", {}, t("stability_rows")),
    stabilityTable(STABILITY.slice(0, 100), true)) : null, el("h3", { class: "part" }, t("how_title")),
  el("ul", {}, how.filter(Boolean).map((text) => el("li", {}, text))), el("p", { class: "hint" }, t("made_with", {
    versions: Object.entries(s.versions).map(([name, version]) => isolated(name, 30) + " " + isolated(version, 30)).join(", ") || "–",
    key: isolated(s.key.slice(0, 16), 16) }))).childNodes);
}
