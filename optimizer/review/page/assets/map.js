// A map of dots and lines: counties round, donors square, a line for each recommended pair. Coordinates only, no borders.
const map = { view: null, dots: [], lines: [], at: null, width: 0, height: 0, drag: null };
const onMap = (place) => known(place.lon) && known(place.lat);
const MAPPED = [...COUNTIES, ...DONORS].filter(onMap);
const LEVEL = Math.cos((MAPPED.reduce((sum, place) => sum + place.lat, 0) / Math.max(MAPPED.length, 1)) * Math.PI / 180);
const KM_PER_DEGREE = 111.195;
const DOT = MAPPED.length > 300 ? 2.4 : 3.5; // smaller where there are many

function drawMap() {
  const box = byId("map");
  const lines = svg("g", { class: "lines" }), dots = svg("g", { class: "dots" }), labels = svg("g", { class: "labels" });
  map.lines = PAIRS.filter((pair) => pair.chosen && onMap(pair.donor) && onMap(pair.county)).map((pair) => {
    const node = svg("line", { class: "tie" + (pair.existing ? "" : " new") });
    lines.append(node);
    return { pair, node };
  });
  map.dots = MAPPED.map((place) => {
    const county = countyById.get(place.id) === place;
    const node = county ? svg("circle", { r: DOT, class: "county " + (VERDICTS.includes(place.verdict) ? place.verdict : "") })
      : svg("rect", { width: 1.8 * DOT, height: 1.8 * DOT, class: "donor" });
    node.addEventListener("pointerenter", () => point(place));
    node.addEventListener("pointerleave", () => point(null));
    node.addEventListener("click", () => { if (!map.dragged) show(county ? "county" : "donor", place); });
    dots.append(node);
    return { place, node, county };
  });
  box.replaceChildren(svg("g", { class: "grid" }), lines, dots, svg("g", { class: "front" }), labels);
  box.addEventListener("wheel", (event) => { event.preventDefault(); zoom(event.deltaY < 0 ? 1.25 : 0.8, event); }, { passive: false });
  box.addEventListener("pointerdown", (event) => { map.drag = [event.clientX, event.clientY]; map.dragged = false; });
  box.addEventListener("pointermove", dragged);
  for (const end of ["pointerup", "pointerleave"]) box.addEventListener(end, () => { map.drag = null; });
  box.addEventListener("keydown", mapKey);
  box.addEventListener("focus", () => point(map.at ?? shown.place ?? MAPPED[0] ?? null));
  box.addEventListener("blur", () => point(null));
  new ResizeObserver(sized).observe(byId("map-box"));
}

function sized() {
  const { clientWidth: width, clientHeight: height } = byId("map-box");
  if (!width || !height || (width === map.width && height === map.height)) return;
  Object.assign(map, { width, height });
  byId("map").setAttribute("viewBox", "0 0 " + width + " " + height);
  focusMap();
}

/** The view that holds all these places. */
function fitted(places) {
  if (!places.length) return { x: 0, y: 0, scale: 1 };
  const xs = places.map((place) => place.lon * LEVEL), ys = places.map((place) => place.lat);
  const [west, east, south, north] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const room = Math.min((map.width - 60) / Math.max(east - west, 0.5), (map.height - 60) / Math.max(north - south, 0.5));
  return { x: (west + east) / 2, y: (south + north) / 2, scale: Math.max(room, 0.1) };
}

/** Show what the list shows: all of it, or the places that passed the filters with their partners. */
function focusMap() {
  if (!map.width) return;
  const some = list.shown.length && list.shown.length < places().length ? list.shown : MAPPED;
  map.view = fitted([...new Set([...some, ...some.flatMap((place) => place.chosen.map((pair) => pair.donor === place ? pair.county : pair.donor))])]
    .filter(onMap));
  placed();
}

function spot(place) {
  const { x, y, scale } = map.view;
  return [map.width / 2 + (place.lon * LEVEL - x) * scale, map.height / 2 - (place.lat - y) * scale];
}

function placed() {
  if (!map.view) return;
  for (const { place, node, county } of map.dots) {
    const [x, y] = spot(place);
    node.setAttribute(county ? "cx" : "x", (county ? x : x - 0.9 * DOT).toFixed(1));
    node.setAttribute(county ? "cy" : "y", (county ? y : y - 0.9 * DOT).toFixed(1));
  }
  for (const { pair, node } of map.lines) tied(node, pair);
  highlighted();
  gridded();
}

function tied(node, pair) {
  const [[x1, y1], [x2, y2]] = [spot(pair.donor), spot(pair.county)];
  for (const [name, value] of Object.entries({ x1, y1, x2, y2 })) node.setAttribute(name, value.toFixed(1));
}

/** Light up what is open: its pairs as full lines, its alternatives dashed. */
function highlighted() {
  if (!map.view) return;
  const place = shown.place;
  const near = new Set(place ? [place, ...place.chosen.flatMap((pair) => [pair.donor, pair.county])] : []);
  const listed = new Set(list.shown);
  const everything = list.shown.length === places().length;
  for (const { place: one, node } of map.dots) {
    node.classList.toggle("near", near.has(one));
    node.classList.toggle("open", one === place);
    node.classList.toggle("faint", !everything && !listed.has(one) && !near.has(one) && !one.chosen.some((pair) => listed.has(pair.donor)
      || listed.has(pair.county)));
  }
  for (const { pair, node } of map.lines) node.classList.toggle("near", place === pair.donor || place === pair.county);
  byId("map").classList.toggle("chosen", Boolean(place));
  const shownPairs = place ? [...place.others.slice(0, 10), ...place.chosen].filter((pair) => onMap(pair.donor) && onMap(pair.county)) : [];
  byId("map").querySelector(".front").replaceChildren(...shownPairs.map((pair) => {
    const node = svg("line", { class: pair.chosen ? "tie near" + (pair.existing ? "" : " new") : "wish" });
    tied(node, pair);
    return node;
  }));
  labelled([...near].filter(onMap).slice(0, 8));
}

function labelled(some) {
  byId("map").querySelector(".labels").replaceChildren(...some.map((place) => {
    const [x, y] = spot(place);
    const right = x > map.width - 90;
    const node = svg("text", { x: (right ? x - 7 : x + 7).toFixed(1), y: (y + 4).toFixed(1), "text-anchor": right ? "end" : "start" });
    node.textContent = named(place, 14);
    return node;
  }));
}

/** Lines of longitude and latitude, and how long a kilometre is. */
function gridded() {
  const { x, y, scale } = map.view;
  const step = [0.1, 0.25, 0.5, 1, 2, 5, 10, 20].find((degrees) => degrees * scale * LEVEL > 70) ?? 30;
  const nodes = [];
  const [west, east] = [-1, 1].map((side) => (x + side * map.width / 2 / scale) / LEVEL);
  const [south, north] = [-1, 1].map((side) => y + side * map.height / 2 / scale);
  for (let lon = Math.ceil(west / step) * step; lon < east; lon += step) {
    const [at] = spot({ lon, lat: y });
    nodes.push(svg("line", { x1: at, x2: at, y1: 0, y2: map.height }), lettered(at + 3, map.height - 4, num(lon, 2) + "°"));
  }
  for (let lat = Math.ceil(south / step) * step; lat < north; lat += step) {
    const [, at] = spot({ lon: x / LEVEL, lat });
    nodes.push(svg("line", { x1: 0, x2: map.width, y1: at, y2: at }), at > 16 ? lettered(3, at - 3, num(lat, 2) + "°") : null);
  }
  const far = [5, 10, 20, 50, 100, 200, 500, 1000].filter((km) => km / KM_PER_DEGREE * scale < map.width / 4).pop() ?? 2;
  const length = far / KM_PER_DEGREE * scale;
  nodes.push(svg("path", { class: "scale", d: `M${map.width - 12 - length},${map.height - 18}v4h${length}v-4` }),
    lettered(map.width - 12 - length, map.height - 22, t("kilometres", { n: far })));
  byId("map").querySelector(".grid").replaceChildren(...nodes.filter(Boolean));
}

function lettered(x, y, text) {
  const node = svg("text", { x, y });
  node.textContent = text;
  return node;
}

function zoom(by, event) {
  if (!map.view) return;
  const box = byId("map").getBoundingClientRect();
  const [dx, dy] = event ? [event.clientX - box.left - map.width / 2, event.clientY - box.top - map.height / 2] : [0, 0];
  const { x, y, scale } = map.view;
  const next = Math.min(Math.max(scale * by, 2), 5000);
  map.view = { x: x + dx / scale - dx / next, y: y - dy / scale + dy / next, scale: next };
  placed();
}

function dragged(event) {
  if (!map.drag || !map.view) return;
  const [dx, dy] = [event.clientX - map.drag[0], event.clientY - map.drag[1]];
  if (Math.abs(dx) + Math.abs(dy) < 4 && !map.dragged) return;
  map.dragged = true;
  map.drag = [event.clientX, event.clientY];
  map.view.x -= dx / map.view.scale;
  map.view.y += dy / map.view.scale;
  placed();
}

/** Show the name of a dot beside it. */
function point(place) {
  const tip = byId("tip");
  tip.hidden = !place || !map.view;
  for (const { place: one, node } of map.dots) node.classList.toggle("pointed", one === place);
  if (!place || !map.view) return;
  map.at = place;
  const [x, y] = spot(place);
  const county = countyById.get(place.id) === place;
  const partners = place.chosen.map((pair) => named(county ? pair.donor : pair.county, 30)).join(t("list_mark"));
  tip.textContent = named(place, 60) + " · " + t("kind_" + (county ? "county" : "donor")) + (partners ? " " + (county ? "← " : "→ ") + partners : "");
  tip.style.left = Math.min(Math.max(x, 10), map.width - 160) + "px";
  tip.style.top = Math.min(Math.max(y + 10, 4), map.height - 30) + "px";
}

/** Arrow keys walk to the nearest dot in that direction; plus and minus zoom; Enter opens. */
function mapKey(event) {
  const way = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (event.key === "+" || event.key === "-") zoom(event.key === "+" ? 1.25 : 0.8);
  else if (event.key === "Enter" && map.at) show(countyById.get(map.at.id) === map.at ? "county" : "donor", map.at);
  else if (way && map.view) {
    const [x, y] = map.at ? spot(map.at) : [map.width / 2, map.height / 2];
    let best = null, least = Infinity;
    for (const { place } of map.dots) {
      const [dx, dy] = [spot(place)[0] - x, spot(place)[1] - y];
      const along = dx * way[0] + dy * way[1], across = Math.abs(dx * way[1]) + Math.abs(dy * way[0]);
      if (place === map.at || along <= 0.01 || across > along * 2) continue;
      if (along + 2 * across < least) { best = place; least = along + 2 * across; }
    }
    if (best) { point(best); announce(byId("tip").textContent); }
  } else return;
  event.preventDefault();
}
