// The tables of the page as objects that know one another.
function records(columns) {
  const names = Object.keys(columns);
  const many = names.length ? columns[names[0]].length : 0;
  return Array.from({ length: many }, (_, at) => Object.fromEntries(names.map((name) => [name, columns[name][at]])));
}

function unbounded(value) {
  return value === "inf" ? Infinity : value === "-inf" ? -Infinity : value;
}

const COUNTIES = records(DATA.counties);
const DONORS = records(DATA.donors);
const PAIRS = records(DATA.pairs);
const PARTS = DATA.parts;
const countyById = new Map(COUNTIES.map((county) => [county.id, county]));
const donorById = new Map(DONORS.map((donor) => [donor.id, donor]));
const pairByKey = new Map();

for (const place of [...COUNTIES, ...DONORS]) place.rows = [];
for (const pair of PAIRS) {
  pair.county = COUNTIES[pair.county];
  pair.donor = DONORS[pair.donor];
  pair.low = unbounded(pair.low);
  pair.high = unbounded(pair.high);
  pair.addsLow = unbounded(pair.addsLow) ?? pair.adds;
  pair.parts = PARTS.map((part) => pair["part " + part.key]);
  pair.county.rows.push(pair);
  pair.donor.rows.push(pair);
  pairByKey.set(keyOf(pair.donor.id, pair.county.id), pair);
}
for (const county of COUNTIES) {
  county.chosen = county.rows.filter((pair) => pair.chosen);
  county.others = county.rows.filter((pair) => !pair.chosen);
  county.nearest = county.others.reduce((best, pair) => (least(pair) < least(best) ? pair : best), county.others[0] || null);
  county.found = fold([county.name, county.id, county.province, county.prefecture, county.region,
    ...county.chosen.map((pair) => pair.donor.name)].join(" "));
}
for (const donor of DONORS) {
  donor.chosen = donor.rows.filter((pair) => pair.chosen);
  donor.others = donor.rows.filter((pair) => !pair.chosen).sort((a, b) => least(a) - least(b));
  donor.found = fold([donor.name, donor.id, donor.province, ...donor.chosen.map((pair) => pair.county.name)].join(" "));
}

function keyOf(donor, county) {
  return donor + "\n" + county;
}

/** What a pair costs at least, for sorting; unknown prices come last. */
function least(pair) {
  return pair && known(pair.low) ? pair.low : known(pair?.high) ? pair.high : Infinity;
}

function named(place, most) {
  return isolated(place.name || place.id, most);
}

function placeOf(place) {
  return [place.province, place.prefecture].filter(Boolean).map((text) => isolated(text, 40)).join(" ");
}

/** Pairs written as `donor>county;…`, as names; what cannot be taken apart is shown as it stands. */
function pairsIn(text) {
  return text.split(";").map((word) => word.trim()).filter(Boolean).map((word) => {
    const [donor, county] = word.split(">");
    const [from, to] = [donorById.get(donor), countyById.get(county)];
    return from && to ? named(from, 30) + " → " + named(to, 30) : isolated(word);
  });
}

const PEOPLE = DATA.settings.people;
const NEEDS = DATA.settings.needs; // with several of them a person counts once for each

/** So many people as one says it: no fractions of a person where there are ten or more. */
function amount(value) {
  return PEOPLE && Math.abs(value) >= 9.95 ? num(value, 0) : num(value);
}

/** A bracket of losses in words: how much worse the plan becomes. */
function lossInWords(low, high, style = "") {
  const loss = (key, values) => {
    const { n = 0 } = values;
    const shown = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, amount(value)]));
    return t((PEOPLE ? "people_" : "other_") + key + style, { unit: isolated(DATA.settings.unit[lang], 30), ...shown, many: n === 1 ? 1 : 2 });
  };
  const nothing = PEOPLE ? 0.5 : 1e-9;
  if (!known(low) && !known(high)) return t("price_unknown");
  if (low === Infinity) return t("price_impossible");
  if (!known(high) || high === Infinity) return !known(low) || low <= nothing ? t("price_unknown") : loss("at_least", { n: low });
  if (!known(low) || low === -Infinity) {
    return high > nothing ? loss("at_most", { n: high }) : high >= -nothing ? loss("none", {}) : loss("at_least_more", { n: -high });
  }
  if (Math.abs(high - low) <= 1e-9 * Math.max(1, Math.abs(high)) || amount(low) === amount(high)) {
    return high < -nothing ? loss("more", { n: -high }) : high <= nothing ? loss("none", {}) : loss("exact", { n: high });
  }
  if (high > nothing) {
    if (low > nothing) return loss("between", { low, high });
    return low >= -nothing ? loss("at_most", { n: high }) : loss("mixed", { more: -low, fewer: high });
  }
  if (high >= -nothing) return low >= -nothing ? loss("none", {}) : loss("at_most_more", { n: -low });
  return loss("between_more", { low: -high, high: -low });
}

function priceInWords(pair) {
  return lossInWords(pair.low, pair.high);
}

/** Whether the price is proved exactly or only lies in a bracket, and what was held. */
function priceNote(pair) {
  if (!known(pair.low) && !known(pair.high)) return "";
  const kind = pair.kind === "exact" ? t("price_kind_exact") : t("price_kind_bound");
  return pair.held ? kind + t("part_mark") + worded("held_", pair.held) : kind;
}
