// The decisions file: comma-separated text in UTF-8, which a spreadsheet opens and the program reads.
const COLUMNS = ["kind", "donor", "county", "project", "stream", "category", "period", "decision", "amount", "reviewer",
  "date", "reason", "round"];
const WORDS = { pair: ["accept", "lock", "forbid", "undecided"], project: ["accept", "lock", "forbid", "undecided"],
  money: ["set", "least", "most", "undecided"] };
// A spreadsheet would take such a cell for a formula: an apostrophe before it makes it text, and the reader drops it again.
const FORMULA = /^'*[=+\-@\t\r＝＋－＠]/;
const GUARDED = /^'+[=+\-@\t\r＝＋－＠]/;

function guarded(text) {
  return FORMULA.test(text) ? "'" + text : text;
}

function unguarded(text) {
  return GUARDED.test(text) ? text.slice(1) : text;
}

function cell(text) {
  const safe = guarded(clean(text ?? ""));
  return /[",\r\n']/.test(safe) ? '"' + safe.replace(/"/g, '""') + '"' : safe;
}

/** The decisions as a file, with the names beside the identifiers for those who read it in a spreadsheet. */
function written(rows) {
  const lines = [[...COLUMNS, "donor_name", "county_name"].join(",")];
  for (const row of rows) {
    const names = [donorById.get(row.donor)?.name ?? "", countyById.get(row.county)?.name ?? ""];
    lines.push([...COLUMNS.map((name) => row[name] ?? ""), ...names].map(cell).join(","));
  }
  return "\ufeff" + lines.join("\n") + "\n";
}

/** Text taken apart into rows of cells; throws where a quotation mark stays open. */
function cells(text) {
  const rows = [];
  let row = [], value = "", quoted = false;
  const end = () => { row.push(value); value = ""; };
  for (let at = text.startsWith("\ufeff") ? 1 : 0; at < text.length; at += 1) {
    const letter = text[at];
    if (quoted) {
      if (letter !== '"') value += letter;
      else if (text[at + 1] === '"') { value += '"'; at += 1; } else quoted = false;
    } else if (letter === '"' && value === "") quoted = true;
    else if (letter === ",") end();
    else if (letter === "\n" || letter === "\r") {
      if (letter === "\r" && text[at + 1] === "\n") at += 1;
      end(); rows.push(row); row = [];
    } else value += letter;
  }
  if (quoted) throw new Error(t("import_quote"));
  if (value !== "" || row.length) { end(); rows.push(row); }
  return rows;
}

/** The rows of a decisions file; throws with every fault, each with its line. */
function read(text) {
  const [header = [], ...body] = cells(text);
  const at = Object.fromEntries(COLUMNS.map((name) => [name, header.findIndex((word) => word.trim() === name)]));
  const faults = ["kind", "decision"].filter((name) => at[name] < 0).map((name) => t("import_column", { name }));
  if (faults.length) throw new Error(faults.join(" "));
  const rows = [];
  const turns = new Map();
  body.forEach((line, index) => {
    if (line.every((word) => word.trim() === "")) return;
    const row = Object.fromEntries(COLUMNS.map((name) => [name, at[name] < 0 ? "" : unguarded(line[at[name]] ?? "")]));
    for (const name of COLUMNS) if (!["reason", "reviewer", "date"].includes(name)) row[name] = row[name].trim();
    const fault = faultOf(row);
    if (fault) faults.push(t("import_row", { row: index + 2, fault }));
    if (row.kind === "pair" && row.decision !== "undecided") {
      const key = [row.donor, row.county, row.round || "0"].join("\n");
      const wanted = row.decision === "forbid";
      if (turns.has(key) && turns.get(key) !== wanted) faults.push(t("import_row", { row: index + 2, fault: t("import_contradicts") }));
      turns.set(key, wanted);
    }
    rows.push(row);
  });
  if (faults.length) throw new Error(faults.slice(0, 5).join(" ") + (faults.length > 5 ? " …" : ""));
  return rows;
}

function faultOf(row) {
  if (!Object.hasOwn(WORDS, row.kind)) return t("import_kind", { value: isolated(row.kind, 30) });
  if (!WORDS[row.kind].includes(row.decision)) return t("import_decision", { value: isolated(row.decision, 30) });
  if (row.kind === "pair" && !donorById.has(row.donor)) return t("import_donor", { value: isolated(row.donor, 30) });
  if (row.kind === "pair" && !countyById.has(row.county)) return t("import_county", { value: isolated(row.county, 30) });
  return row.round === "" || /^\d{1,6}(\.0*)?$/.test(row.round) ? "" : t("import_round", { value: isolated(row.round, 30) });
}

/** A file's bytes as text: UTF-8, or GB18030 as Chinese spreadsheets write it. */
function decoded(bytes) {
  const view = new Uint8Array(bytes);
  if ((view[0] === 0x50 && view[1] === 0x4b) || (view[0] === 0xd0 && view[1] === 0xcf)) throw new Error(t("import_workbook"));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(view);
  } catch {
    return new TextDecoder("gb18030").decode(view);
  }
}
