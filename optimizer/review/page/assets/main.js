// The page as a whole: tabs, panes, language, colours, and what happens when something is decided.
const TABS = ["county", "donor", "overview", "decided"];
let tab = "county";

function narrow() {
  return window.matchMedia("(max-width: 899px)").matches;
}

/** Show a county or donor from anywhere. */
function show(kind, place) {
  if (tab !== kind) select(kind, false);
  if (!list.shown.includes(place)) {
    list.query = "";
    byId("search").value = "";
    for (const [name] of FILTERS[kind]) delete list.filters[kind + name];
    filterBar();
    filtered();
    focusMap();
  }
  activate(place);
  open(place, true);
}

/** Fill the card; `enter` moves the focus into it. */
function open(place, enter) {
  shown.place = place;
  shown.kind = list.view;
  shown.sync = [];
  byId("card").replaceChildren(...el("div", {}, shown.kind === "county" ? countyCard(place) : donorCard(place)).childNodes);
  byId("card").scrollTop = 0;
  synced();
  if (enter) {
    pane("card");
    byId("card-title").focus({ preventScroll: true });
  }
}

function back() {
  pane("list");
  byId("list").focus();
}

/** On a narrow screen one of list, card and map is in view. */
function pane(name) {
  byId("work").dataset.pane = name;
  for (const button of document.querySelectorAll("#panes button")) button.setAttribute("aria-pressed", String(button.dataset.pane === name));
  if (name === "map") sized();
  if (narrow() && byId("panes").getBoundingClientRect().top !== 0) byId("panes").scrollIntoView();
}

function synced() {
  for (const sync of shown.sync) sync();
  marked();
  told();
  highlighted();
  if (tab === "decided") decidedTab();
}

function select(name, focus) {
  tab = name;
  for (const one of TABS) {
    const node = byId("tab-" + one);
    node.setAttribute("aria-selected", String(one === name));
    node.tabIndex = one === name ? 0 : -1;
    if (focus && one === name) node.focus();
  }
  const both = name === "county" || name === "donor";
  byId("work").hidden = !both;
  byId("panes").hidden = !both;
  byId("work").setAttribute("aria-labelledby", both ? "tab-" + name : "tab-county");
  byId("overview").hidden = name !== "overview";
  byId("decided").hidden = name !== "decided";
  if (both && list.view !== name) {
    list.view = name;
    list.rows.clear();
    list.query = "";
    byId("search").value = "";
    list.active = null;
    shown.place = null;
    shown.sync = [];
    filterBar();
    filtered();
    emptyCard();
    focusMap();
    pane("list");
  }
  if (name === "overview") overview();
  if (name === "decided") decidedTab();
}

function emptyCard() {
  byId("card").replaceChildren(el("div", { class: "empty" }, headlines().map((text) => el("p", {}, text)), el("p", { class: "hint" }, t("choose_" + list.view))));
}

function tabKey(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  select(TABS[(TABS.indexOf(tab) + step + TABS.length) % TABS.length], true);
}

function moneyLine() {
  const { money: label, yuan } = DATA.settings;
  return known(yuan) && yuan !== 1 ? t("money_line", { label: isolated(label, 30), n: num(yuan, 0) }) : t("money_plain", { label: isolated(label, 30) });
}

/** Write every fixed text in the language chosen. */
function translated() {
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  document.title = clean(DATA.settings.titles[lang]).slice(0, 120) + " · " + t("page_title");
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", t(node.dataset.label));
  for (const button of document.querySelectorAll("#languages button")) button.setAttribute("aria-pressed", String(button.dataset.lang === lang));
  byId("title").textContent = isolated(DATA.settings.titles[lang], 200);
  byId("under").textContent = joined(t("under", { counties: COUNTIES.length, donors: DONORS.length }), moneyLine());
  byId("key-unpriced").hidden = !unpriced();
  byId("live").classList.remove("told");
  list.rows.clear();
  filterBar();
  filtered();
  if (shown.place) open(shown.place, false);
  else emptyCard();
  byId("warnings").dataset.told = "?";
  told();
  if (tab === "overview") overview();
  if (tab === "decided") decidedTab();
  gridLater();
}

function gridLater() {
  if (map.view) placed();
}

function remembered(name, value) {
  try {
    if (value !== undefined) localStorage.setItem("pairing-review:" + name, value);
    return localStorage.getItem("pairing-review:" + name);
  } catch {
    return null;
  }
}

function coloured(theme) {
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  byId("theme").value = theme || "";
}

function wired() {
  for (const name of TABS) byId("tab-" + name).addEventListener("click", () => select(name, false));
  byId("tabs").addEventListener("keydown", tabKey);
  byId("list").addEventListener("keydown", listKey);
  let timer = 0;
  byId("search").addEventListener("input", (event) => {
    list.query = event.target.value;
    clearTimeout(timer);
    timer = setTimeout(() => { filtered(); focusMap(); }, 80);
  });
  byId("search").addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "Enter") return;
    event.preventDefault();
    byId("list").focus();
  });
  for (const button of document.querySelectorAll("#languages button")) {
    button.addEventListener("click", () => { lang = button.dataset.lang; remembered("lang", lang); translated(); });
  }
  for (const button of document.querySelectorAll("#panes button")) button.addEventListener("click", () => pane(button.dataset.pane));
  byId("theme").addEventListener("change", (event) => { coloured(event.target.value); remembered("theme", event.target.value); });
  byId("reviewer").addEventListener("input", (event) => { store.reviewer = event.target.value; keep(); });
  byId("round").addEventListener("change", (event) => {
    store.round = Math.min(Math.max(1, Math.round(Number(event.target.value)) || 1), 999999);
    event.target.value = store.round;
    keep();
  });
  byId("export").addEventListener("click", exportFile);
  byId("import").addEventListener("click", () => byId("file").click());
  byId("file").addEventListener("change", importFile);
  byId("paper").addEventListener("click", () => window.print());
  byId("zoom-in").addEventListener("click", () => zoom(1.5));
  byId("zoom-out").addEventListener("click", () => zoom(1 / 1.5));
  byId("zoom-all").addEventListener("click", focusMap);
  byId("card").addEventListener("keydown", (event) => { if (event.key === "Escape") back(); });
  window.addEventListener("beforeprint", printed);
  window.addEventListener("beforeunload", (event) => { if (store.unsaved && !store.kept) event.preventDefault(); });
  window.addEventListener("storage", (event) => {
    if (event.key !== SLOT) return;
    restore();
    synced();
  });
}

function start() {
  restore();
  const spoken = remembered("lang");
  if (spoken === "en" || spoken === "zh") lang = spoken;
  coloured(remembered("theme"));
  byId("reviewer").value = store.reviewer;
  byId("round").value = store.round;
  store.listeners.push(synced);
  wired();
  translated();
  select("county", false);
  requestAnimationFrame(() => setTimeout(() => { drawMap(); sized(); }, 0));
}

start();
