// The decisions of this review: kept in the browser, counted, checked against limits.
const store = { rows: [], current: new Map(), reviewer: "", round: 1, unsaved: false, kept: true, listeners: [] };
const SLOT = "pairing-review:" + DATA.settings.key;
const CHOICES = ["accept", "lock", "forbid", "undecided"];

function turnOf(row) {
  return Number(row.round) || 0;
}

/** Begin with what the browser keeps for this instance, else with the decisions that came with the page. */
function restore() {
  let found = null;
  try {
    found = JSON.parse(localStorage.getItem(SLOT));
    localStorage.setItem(SLOT + ":try", "1");
    localStorage.removeItem(SLOT + ":try");
  } catch {
    store.kept = false;
  }
  const sound = found && Array.isArray(found.rows) && found.rows.every((row) => row && Object.hasOwn(WORDS, row.kind));
  store.rows = (sound ? found.rows : DATA.decisions).map((row) =>
    Object.fromEntries(COLUMNS.map((name) => [name, String(row[name] ?? "")])));
  store.unsaved = Boolean(sound && found.unsaved);
  store.reviewer = sound ? String(found.reviewer ?? "") : "";
  const latest = Math.max(0, ...DATA.decisions.map(turnOf));
  store.round = sound && found.round > 0 ? Number(found.round) : latest + 1;
  indexed();
}

function keep() {
  try {
    localStorage.setItem(SLOT, JSON.stringify({ rows: store.rows, reviewer: store.reviewer, round: store.round,
      unsaved: store.unsaved }));
    store.kept = true;
  } catch {
    store.kept = false;
  }
}

function indexed() {
  store.current.clear();
  for (const row of store.rows) {
    if (row.kind !== "pair") continue;
    const key = keyOf(row.donor, row.county);
    const before = store.current.get(key);
    if (!before || turnOf(row) >= turnOf(before)) store.current.set(key, row);
  }
}

function changed(unsaved = true) {
  store.unsaved = unsaved;
  indexed();
  keep();
  for (const listen of store.listeners) listen();
}

function today() {
  const now = new Date();
  return [now.getFullYear(), String(now.getMonth() + 1).padStart(2, "0"), String(now.getDate()).padStart(2, "0")].join("-");
}

function decisionOf(pair) {
  return store.current.get(keyOf(pair.donor.id, pair.county.id))?.decision ?? "undecided";
}

function reasonOf(pair) {
  return store.current.get(keyOf(pair.donor.id, pair.county.id))?.reason ?? "";
}

/** The row of this round for a pair; what earlier rounds said of it stays in the file. */
function rowFor(pair) {
  const before = store.current.get(keyOf(pair.donor.id, pair.county.id));
  if (before && turnOf(before) >= store.round) return before;
  const row = { ...Object.fromEntries(COLUMNS.map((name) => [name, ""])), kind: "pair", donor: pair.donor.id,
    county: pair.county.id, decision: before?.decision ?? "undecided", round: String(store.round) };
  store.rows.push(row);
  return row;
}

function signedBy(row) {
  row.reviewer = clean(store.reviewer);
  row.date = today();
  const before = store.rows.some((other) => other !== row && other.kind === "pair" && other.donor === row.donor
    && other.county === row.county);
  if (row.decision === "undecided" && !row.reason && !before) store.rows.splice(store.rows.indexOf(row), 1);
}

/** Decide on a pair. Where a county may have one partner only, the one chosen before it is undecided again. */
function decide(pair, decision) {
  const row = rowFor(pair);
  row.decision = decision;
  signedBy(row);
  let freed = null;
  if (wanted(decision) && pair.county.most === 1) {
    indexed();
    for (const other of pair.county.rows) {
      if (other === pair || !wanted(decisionOf(other))) continue;
      const back = rowFor(other);
      back.decision = "undecided";
      signedBy(back);
      freed = other;
    }
  }
  changed();
  const said = { donor: named(pair.donor, 40), county: named(pair.county, 40), decision: t("decision_" + decision) };
  announce(joined(t("told_decision", said), freed ? t("told_freed", { donor: named(freed.donor, 40) }) : ""));
}

function comment(pair, text) {
  const before = store.current.get(keyOf(pair.donor.id, pair.county.id));
  if (!text && !before) return;
  const row = rowFor(pair);
  row.reason = clean(text);
  signedBy(row);
  changed();
}

function wanted(decision) {
  return decision === "accept" || decision === "lock";
}

/** Pairs decided on by the reader, with the row of each. */
function decided() {
  return store.rows.filter((row) => row.kind === "pair" && store.current.get(keyOf(row.donor, row.county)) === row);
}

/** What goes against the recommendation: partners chosen instead, and partners forbidden with none chosen instead. */
function overruled() {
  const out = [];
  const instead = new Set();
  for (const row of decided()) {
    const pair = pairByKey.get(keyOf(row.donor, row.county));
    if (wanted(row.decision) && !pair?.chosen) {
      instead.add(row.county);
      out.push({ row, low: pair?.low ?? null, high: pair?.high ?? null });
    }
  }
  for (const row of decided()) {
    const pair = pairByKey.get(keyOf(row.donor, row.county));
    if (row.decision === "forbid" && pair?.chosen && !instead.has(row.county)) out.push({ row, low: pair.addsLow, high: pair.adds });
  }
  return out;
}

/** The pairs that stand fixed: by the reader, or by the instance where the reader said nothing against it. */
function fixed() {
  const out = [];
  for (const row of decided()) {
    if (!wanted(row.decision)) continue;
    const pair = pairByKey.get(keyOf(row.donor, row.county));
    out.push({ donor: donorById.get(row.donor), county: countyById.get(row.county), load: pair?.load ?? 0, floor: pair?.floor ?? 0 });
  }
  for (const pair of PAIRS) {
    const row = store.current.get(keyOf(pair.donor.id, pair.county.id));
    if (pair.status === "lock" && (!row || row.decision === "undecided")) out.push(pair);
  }
  return out.filter((pair) => pair.donor && pair.county);
}

function grouped(list, of) {
  const out = new Map();
  for (const item of list) out.set(of(item), [...(out.get(of(item)) || []), item]);
  return out;
}

function total(list, of) {
  return list.reduce((sum, item) => sum + (of(item) || 0), 0);
}

/** What the decisions break whatever else is done; solving again finds the rest. */
function warnings() {
  const out = [];
  const tell = (place, key, values) => out.push({ place, text: t(key, { name: named(place, 40), ...values }) });
  const locks = fixed();
  for (const [donor, list] of grouped(locks, (pair) => pair.donor)) {
    const [load, floor] = [total(list, (pair) => pair.load), total(list, (pair) => pair.floor)];
    if (known(donor.most) && list.length > donor.most) tell(donor, "warn_pairs", { n: list.length, most: donor.most });
    if (known(donor.loadMost) && load > donor.loadMost * (1 + 1e-9)) tell(donor, "warn_load", { n: load, most: donor.loadMost });
    if (known(donor.moneyMost) && floor > donor.moneyMost * (1 + 1e-9)) {
      tell(donor, "warn_money", { n: money(floor), most: money(donor.moneyMost) });
    }
  }
  for (const [county, list] of grouped(locks, (pair) => pair.county)) {
    if (known(county.most) && list.length > county.most) tell(county, "warn_partners", { n: list.length, most: county.most });
  }
  const gone = decided().filter((row) => row.decision === "forbid");
  for (const [id, list] of grouped(gone, (row) => row.county)) {
    const county = countyById.get(id);
    const left = county ? county.candidates - list.length : 0;
    if (county && known(county.candidates) && left < (county.least ?? 0)) tell(county, "warn_forbidden", { n: left, least: county.least });
  }
  return out;
}

/** Take over the rows of a file: a pair of the same round is replaced, everything else is added. */
function imported(text) {
  const rows = read(text);
  const same = (row) => COLUMNS.slice(0, 7).map((name) => row[name]).join("\n") + "\n" + turnOf(row);
  const given = new Set(rows.map(same));
  store.rows = [...store.rows.filter((row) => !given.has(same(row))), ...rows];
  changed();
  announce(t("told_import", { n: rows.length }));
}
