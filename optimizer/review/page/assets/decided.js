// The reader's decisions: what they add up to, what they break, and how to hand them over.
function summary() {
  const rows = decided();
  const against = overruled();
  const priced = against.filter((item) => known(item.low) || known(item.high));
  const out = [t("sum_decided", { accepted: rows.filter((row) => wanted(row.decision)).length,
    forbidden: rows.filter((row) => row.decision === "forbid").length, comments: rows.filter((row) => row.reason).length })];
  if (!against.length) return out;
  const low = total(priced, (item) => item.low ?? 0), high = total(priced, (item) => item.high ?? Infinity);
  out.push(joined(t("sum_overruled", { n: against.length }), priced.length ? t("sum_price", { n: priced.length, price: lossInWords(low, high) }) : ""));
  if (priced.length < against.length) out.push(t("sum_unknown", { n: against.length - priced.length }));
  return out;
}

function told() {
  byId("summary").replaceChildren(...summary().map((text) => el("span", {}, text + (lang === "zh" ? "" : " "))));
  const list = warnings();
  const box = byId("warnings");
  const texts = list.map((item) => item.text).join("\n");
  if (box.dataset.told !== texts) {
    box.dataset.told = texts;
    box.replaceChildren(...list.slice(0, 6).map((item) => el("p", { class: "warning" }, "⚠ " + item.text)),
      ...(list.length > 6 ? [el("p", { class: "warning" }, t("more", { n: list.length - 6 }))] : []));
  }
  const tab = byId("tab-decided");
  tab.textContent = t("tab_decided") + (decided().length ? " (" + num(decided().length) + ")" : "");
  byId("kept").textContent = t(store.kept ? "kept_here" : "kept_nowhere");
  byId("kept").classList.toggle("warning", !store.kept);
}

function ofPair(row) {
  const pair = pairByKey.get(keyOf(row.donor, row.county));
  if (!pair) return t("price_unknown");
  if (!pair.chosen) return wanted(row.decision) ? priceInWords(pair) : "–";
  return row.decision === "forbid" ? lossInWords(pair.addsLow, pair.adds) : "–";
}

function removed(row) {
  store.rows.splice(store.rows.indexOf(row), 1);
  changed();
  announce(t("told_removed"));
  (byId("decided").querySelector("td button") ?? byId("decided").querySelector("h2")).focus();
}

function nameOf(map, id) {
  return map.has(id) ? named(map.get(id), 40) : isolated(id || "–", 40);
}

function decidedTab() {
  const rows = decided();
  const others = store.rows.filter((row) => row.kind !== "pair").length;
  const go = (row) => countyById.has(row.county) ? link(countyById.get(row.county), "county", nameOf(countyById, row.county)) : nameOf(countyById, row.county);
  const node = el("div", {}, el("h2", { tabindex: -1 }, t("tab_decided")), summary().map((text) => el("p", {}, text)),
    rows.length ? table([t("head_county"), t("head_donor"), t("head_decision"), t("head_price"), t("head_reason"), t("head_reviewer"), t("head_date"),
      t("head_round"), ""], rows.map((row) => [go(row), nameOf(donorById, row.donor), t("decision_" + row.decision), ofPair(row),
      isolated(row.reason, 300), isolated(row.reviewer, 60), isolated(row.date, 20), isolated(row.round || "–", 10),
      el("button", { type: "button", click: () => removed(row), "aria-label": t("remove_of", { county: nameOf(countyById, row.county) }) },
        t("remove"))]), [7]) : el("p", {}, t("nothing_decided")),
    others ? el("p", { class: "hint" }, t("other_rows", { n: others })) : null,
    el("h3", { class: "part" }, t("next_title")), el("ol", { class: "steps" }, el("li", {}, t("next_export")),
      el("li", {}, t("next_solve"), el("pre", {}, "optimizer solve INSTANCE --decisions decisions.csv --recommended REVIEW --log review.jsonl --out PLAN")), el("li", {}, t("next_again"),
        el("pre", {}, "optimizer recommend INSTANCE --plan PLAN --out REVIEW2"))),
    store.rows.length ? el("p", {}, startOver()) : null);
  byId("decided").replaceChildren(...node.childNodes);
}

/** Give up all decisions, after a second press. */
function startOver() {
  const button = el("button", { type: "button", id: "start-over", click: () => {
    if (!button.dataset.sure) {
      button.dataset.sure = "1";
      button.textContent = t("start_over_sure");
      return;
    }
    store.rows = [];
    changed();
    announce(t("told_start_over"));
  } }, t("start_over"));
  return button;
}

function exportFile() {
  const file = new Blob([written(store.rows)], { type: "text/csv;charset=utf-8" });
  const address = URL.createObjectURL(file);
  const anchor = el("a", { href: address, download: "decisions.csv" });
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
  changed(false);
  announce(t("told_export", { n: store.rows.length }));
}

async function importFile(event) {
  const [file] = event.target.files;
  event.target.value = "";
  if (!file) return;
  try {
    imported(decoded(await file.arrayBuffer()));
    byId("problem").replaceChildren();
  } catch (error) {
    byId("problem").replaceChildren(el("p", { class: "warning" }, t("import_failed", { file: isolated(file.name, 60) }) + " " + error.message));
  }
}
