// Messages, numbers and names. Whatever comes from data is shown as text and never as markup.
const DATA = JSON.parse(document.getElementById("data").textContent);
const MESSAGES = JSON.parse(document.getElementById("messages").textContent);
const LANGUAGES = { en: "en-US", zh: "zh-CN" };
let lang = document.documentElement.lang.startsWith("zh") ? "zh" : "en";

const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/g;
const DIRECTIONS = /[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g;
const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** A text as a file may hold it: no control characters and no halves of characters. */
function clean(text) {
  return String(text).replace(CONTROLS, "").replace(LONE, "\ufffd");
}

/** A name from data, cut to a length, which cannot turn the direction of the text around it. */
function isolated(text, most = 90) {
  const letters = Array.from(clean(text).replace(DIRECTIONS, "").replace(/\s+/g, " "));
  return "\u2068" + (letters.length > most ? letters.slice(0, most).join("") + "…" : letters.join("")) + "\u2069";
}

/** A message in the language chosen. `{n}` is a value, `{n:county|counties}` one of two words by that number. */
function t(key, values = {}) {
  const text = MESSAGES[key]?.[lang];
  if (text === undefined) throw new Error("no message " + key);
  return text.replace(/\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g, (_, name, one, several) => {
    const value = values[name];
    if (one !== undefined) return Number(value) === 1 ? one : several;
    return typeof value === "number" ? num(value) : String(value);
  });
}

/** Sentences one after another: Chinese ones have no blank between them. */
function joined(...sentences) {
  return sentences.flat().filter(Boolean).join(lang === "zh" ? "" : " ");
}

/** The message of a key that data forms, or the plain words of the key where there is no such message. */
function worded(prefix, key) {
  return MESSAGES[prefix + key] ? t(prefix + key) : isolated(String(key).replace(/_/g, " "), 500);
}

function known(value) {
  return value !== null && value !== undefined && !Number.isNaN(value);
}

function num(value, digits) {
  if (!known(value)) return "–";
  const size = Math.abs(value);
  const most = digits ?? (size >= 100 || Number.isInteger(value) ? 0 : size >= 1 ? 1 : 2);
  const text = new Intl.NumberFormat(LANGUAGES[lang], { maximumFractionDigits: most }).format(value);
  return text === "-0" ? "0" : text.replace("-", "−");
}

function signed(value, digits) {
  const text = num(value, digits);
  return known(value) && text === "0" ? "±0" : known(value) && value > 0 ? "+" + text : text;
}

function percent(share) {
  return known(share) ? t("percent", { n: num(100 * share, 100 * share > 99.5 || 100 * share < 10 ? 1 : 0) }) : "–";
}

function money(value) {
  return known(value) ? num(value) + " " + isolated(DATA.settings.money, 30) : "–";
}

function moneySigned(value) {
  return known(value) ? signed(value) + " " + isolated(DATA.settings.money, 30) : "–";
}

function fold(text) {
  return clean(text).normalize("NFKC").toLowerCase();
}

/** An element; texts among the children become text nodes, functions listen, `null` is left out. */
function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(name, value);
    else if (name === "value" || name === "checked" || name === "disabled") node[name] = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat(3)) {
    if (child !== null && child !== undefined && child !== false && child !== "") node.append(child);
  }
  return node;
}

function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children.filter((child) => child !== null));
  return node;
}

function byId(id) {
  return document.getElementById(id);
}

let announceTimer = 0;

/** Say something to those who use a screen reader, and for a moment to everybody. */
function announce(text) {
  const live = byId("live");
  live.textContent = "";
  live.textContent = text;
  live.classList.add("told");
  clearTimeout(announceTimer);
  announceTimer = setTimeout(() => live.classList.remove("told"), 5000);
}
