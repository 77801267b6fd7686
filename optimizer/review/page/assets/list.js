// The list of counties or of donors: search, filters, order, and keys.
const list = { view: "county", shown: [], active: null, rows: new Map(), query: "", filters: {}, sort: {}, descending: {} };
const VERDICTS = ["settled", "clear", "toss_up", "unpriced"];

const FILTERS = {
  county: [
    ["province", () => provinces(COUNTIES), (county, value) => county.province === value],
    ["verdict", () => VERDICTS.filter((word) => word !== "unpriced" || unpriced()).map((word) => [word, t("verdict_" + word)]), (county, value) => county.verdict === value],
    ["decided", () => ["any", "none", "accepted", "forbidden", "overruled", "commented"].map((word) => [word, t("decided_" + word)]),
      (county, value) => marksOf(county).has(value)],
    ["partner", () => ["kept", "new", "none"].map((word) => [word, t("partner_" + word)]), (county, value) => value === "none"
      ? !county.chosen.length : county.chosen.some((pair) => Boolean(pair.existing) === (value === "kept"))],
  ],
  donor: [["province", () => provinces(DONORS), (donor, value) => donor.province === value],
    ["room", () => ["full", "room"].map((word) => [word, t("room_" + word)]),
      (donor, value) => (known(donor.most) && donor.pairs >= donor.most) === (value === "full")]],
};

const SORTS = {
  county: {
    name: (county) => county.name || county.id,
    province: (county) => [county.province, county.prefecture, county.name].join(" "),
    money: (county) => -(county.money ?? 0),
    need: (county) => -(county.need ?? 0),
    nearest: (county) => least(county.nearest),
    fit: (county) => -Math.max(-1, ...county.chosen.map((pair) => pair.fit ?? 0)),
    sure: (county) => Math.min(2, ...county.chosen.map((pair) => pair.share ?? pair.runs ?? 2)),
    decision: (county) => -marksOf(county).size,
  },
  donor: {
    name: (donor) => donor.name || donor.id,
    province: (donor) => [donor.province, donor.name].join(" "),
    money: (donor) => -(donor.moneyUsed ?? 0),
    pairs: (donor) => -(donor.pairs ?? 0),
  },
};

/** How many counties the time for prices did not suffice for. */
function unpriced() {
  return COUNTIES.filter((county) => county.verdict === "unpriced").length;
}

function provinces(places) {
  const names = [...new Set(places.map((place) => place.province).filter(Boolean))];
  return names.sort((a, b) => a.localeCompare(b, LANGUAGES[lang])).map((name) => [name, isolated(name, 40)]);
}

/** What the reader did to a county, as words that can be filtered by. */
function marksOf(county) {
  const marks = new Set();
  for (const row of decidedBy.get(county.id) || []) {
    if (wanted(row.decision)) marks.add("accepted");
    if (row.decision === "forbid") marks.add("forbidden");
    if (row.reason) marks.add("commented");
  }
  marks.add(marks.size ? "any" : "none");
  if (overruledCounties.has(county.id)) marks.add("overruled");
  return marks;
}

let decidedBy = new Map();
let overruledCounties = new Set();

function counted() {
  decidedBy = grouped(decided(), (row) => row.county);
  overruledCounties = new Set(overruled().map((item) => item.row.county));
}

function places() {
  return list.view === "county" ? COUNTIES : DONORS;
}

function optionId(place) {
  return list.view + "-" + places().indexOf(place);
}

/** Fill the filters anew for the view and the language. */
function filterBar() {
  const bar = byId("filters");
  const parts = FILTERS[list.view].map(([name, options]) => {
    const select = el("select", { id: "filter-" + name, change: (event) => {
      list.filters[list.view + name] = event.target.value;
      filtered();
      focusMap();
    } }, el("option", { value: "" }, t("filter_all_" + name)),
    options().map(([value, label]) => el("option", { value }, label)));
    select.value = list.filters[list.view + name] ?? "";
    return el("label", { class: "field" }, el("span", {}, t("filter_" + name)), select);
  });
  const order = el("select", { id: "sort", change: (event) => { list.sort[list.view] = event.target.value; filtered(); } },
    Object.keys(SORTS[list.view]).map((name) => el("option", { value: name }, t("sort_" + name))));
  order.value = list.sort[list.view] ?? "province";
  const turned = () => list.descending[list.view] ?? false;
  const turn = el("button", { type: "button", id: "turn", class: "icon", "aria-pressed": String(turned()), title: t("sort_turn"),
    "aria-label": t("sort_turn"), click: () => {
      list.descending[list.view] = !turned();
      turn.setAttribute("aria-pressed", String(turned()));
      turn.textContent = turned() ? "↑" : "↓";
      filtered();
    } }, turned() ? "↑" : "↓");
  parts.push(el("div", { class: "field" }, el("label", { for: "sort" }, t("sort")), el("span", { class: "pair" }, order, turn)));
  bar.replaceChildren(...parts);
  const search = byId("search");
  search.placeholder = t("search_" + list.view);
  search.setAttribute("aria-label", t("search_" + list.view));
  byId("list").setAttribute("aria-label", t("list_" + list.view));
}

/** Show the places that pass the filters, in order. */
function filtered() {
  const words = fold(list.query).split(/\s+/).filter(Boolean);
  const tests = FILTERS[list.view].map(([name, , test]) => [list.filters[list.view + name], test]).filter(([value]) => value);
  list.shown = places().filter((place) => words.every((word) => place.found.includes(word))
    && tests.every(([value, test]) => test(place, value)));
  const by = SORTS[list.view][list.sort[list.view] ?? "province"];
  const keys = new Map(list.shown.map((place) => [place, by(place)]));
  const collator = new Intl.Collator(LANGUAGES[lang], { numeric: true });
  list.shown.sort((a, b) => typeof keys.get(a) === "string" ? collator.compare(keys.get(a), keys.get(b)) : keys.get(a) - keys.get(b));
  if (list.descending[list.view]) list.shown.reverse();
  if (!list.shown.includes(list.active)) list.active = list.shown[0] ?? null;
  const box = byId("list");
  const filteredDown = list.shown.length < places().length;
  box.replaceChildren(...(list.shown.length ? list.shown.map(rowOf) : [el("p", { class: "none" }, t("none_found"))]));
  byId("count").textContent = t(filteredDown ? "count_some_" + list.view : "count_" + list.view,
    { n: list.shown.length, all: places().length });
  marked();
}

/** The row of a place, made once for each language and brought up to date on decisions. */
function rowOf(place) {
  if (!list.rows.has(place)) list.rows.set(place, list.view === "county" ? countyRow(place) : donorRow(place));
  return list.rows.get(place);
}

function option(place, ...children) {
  return el("div", { role: "option", id: optionId(place), class: "row", "aria-selected": "false",
    click: () => { activate(place); open(place, true); } }, children);
}

function countyRow(county) {
  const partners = county.chosen.map((pair) => named(pair.donor, 40)).join(t("list_mark"));
  return option(county,
    el("div", { class: "line" }, el("span", { class: "name" }, named(county, 60)), el("span", { class: "place" }, placeOf(county))),
    el("div", { class: "line" }, el("span", { class: "partner" }, partners ? "← " + partners : t("no_partner")),
      el("span", { class: "amount" }, money(total(county.chosen, (pair) => pair.money)))),
    el("div", { class: "line small" }, el("span", { class: "chip " + county.verdict }, verdictWord(county)),
      el("span", { class: "near" }, county.nearest ? t("nearest", { price: lossInWords(county.nearest.low, county.nearest.high, "_short") }) : ""),
      el("span", { class: "marks" })));
}

function verdictWord(county) {
  return VERDICTS.includes(county.verdict) ? t("verdict_" + county.verdict) : isolated(county.verdict || "–", 20);
}

function donorRow(donor) {
  const limit = known(donor.most) ? t("of_most", { n: donor.pairs, most: donor.most }) : t("pairs_count", { n: donor.pairs });
  return option(donor,
    el("div", { class: "line" }, el("span", { class: "name" }, named(donor, 60)), el("span", { class: "place" }, placeOf(donor))),
    el("div", { class: "line" }, el("span", { class: "partner" }, donor.chosen.map((pair) => named(pair.county, 20)).join(t("list_mark"))
      || t("no_county")), el("span", { class: "amount" }, money(donor.moneyUsed))),
    el("div", { class: "line small" }, el("span", { class: "near" }, limit), el("span", { class: "marks" })));
}

/** Which row is active, which open, and what the reader decided on each. */
function marked() {
  counted();
  const box = byId("list");
  for (const place of list.shown) {
    const row = rowOf(place);
    row.classList.toggle("active", place === list.active);
    row.setAttribute("aria-selected", String(place === shown.place));
    const marks = row.querySelector(".marks");
    const told = list.view === "county" ? countyMarks(place) : donorMarks(place);
    if (marks.dataset.told !== told.join()) {
      marks.dataset.told = told.join();
      marks.replaceChildren(...told.map((word) => el("span", { class: "mark " + word }, t("mark_" + word))));
    }
  }
  if (list.active) box.setAttribute("aria-activedescendant", optionId(list.active));
  else box.removeAttribute("aria-activedescendant");
}

function countyMarks(county) {
  const marks = marksOf(county);
  return ["overruled", "accepted", "forbidden", "commented"].filter((word) => marks.has(word)
    && !(marks.has("overruled") && ["accepted", "forbidden"].includes(word)));
}

function donorMarks(donor) {
  const rows = decided().filter((row) => row.donor === donor.id);
  return [["accepted", rows.some((row) => wanted(row.decision))], ["forbidden", rows.some((row) => row.decision === "forbid")]]
    .filter(([, there]) => there).map(([word]) => word);
}

function activate(place) {
  list.active = place;
  marked();
  rowOf(place).scrollIntoView({ block: "nearest" });
}

function listKey(event) {
  const at = list.shown.indexOf(list.active);
  const jump = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: list.shown.length - 1, PageDown: at + 10, PageUp: at - 10 }[event.key];
  if (event.altKey || event.ctrlKey || event.metaKey || !list.shown.length) return;
  if (jump !== undefined) {
    event.preventDefault();
    activate(list.shown[Math.min(Math.max(jump, 0), list.shown.length - 1)]);
    if (!narrow()) open(list.active, false);
  } else if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    open(list.active, true);
  }
}
