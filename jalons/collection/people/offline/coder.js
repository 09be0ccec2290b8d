// The same codes as rules/codes.py, on the partner's own computer. Tables and patterns come from the rules themselves.
const T = JSON.parse(document.getElementById("tables").textContent);
const pattern = (text, flags = "u") => new RegExp(text, flags);
const SOUNDS = T.sounds.map(([text, sound]) => [pattern(text, "gu"), sound]);
const [ARTICLES, GLUED, SERVANT, FAITH, COMPOUND, AFTER] = ["articles", "glued", "servant", "faith", "compound", "after"]
  .map((name) => pattern(T[name], name === "compound" || name === "after" ? "iu" : "u"));
const isArabic = (text) => /[\u0600-\u06ff\u0750-\u077f]/.test(text);
const mapped = (text, table) => [...text].map((c) => (c in table ? table[c] : c)).join("");
const single = (text) => text.replace(/(.)\1+/gu, "$1");

function words(name) {
  const text = name.normalize("NFC");
  if (isArabic(text)) return text.replace(/[\u064b-\u065f\u0670\u0640\u200c-\u200f\u061c]/g, "").split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const plain = text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").replace(/['’‘ʼ`ʿʾ.]/g, "");
  return plain.split(/[^a-z]+/).filter(Boolean);
}

function one(word) {
  const servant = word.length > 5 && SERVANT.exec(word);
  if (servant) return "Abd" + one(word.slice(servant[0].length));
  if (word.startsWith("benabd")) return "bEn" + one(word.slice(3));
  word = word.length > 5 ? word.replace(GLUED, "") : word.replace(/^l(?=[bcdfghjkmpqrstvxz])/, "");
  if (word.length > 2 && /[ae]h$/.test(word)) word = word.slice(0, -2) + "a";
  if (word.length > 3 && word.endsWith("ae")) word = word.slice(0, -1);
  if (word.length > 3 && /[^aeiou]e$/.test(word)) word = word.slice(0, -1);
  word = word.replace(/(?:^|(?<=[bcdfgkmnpqstz]))rh/g, "gh").replace(/^[iy](?=[aeou])/, "Y");
  for (const [text, sound] of SOUNDS) word = word.replace(text, sound);
  word = word.replace(/^([^aeiouAIU])u(?=[aA][^aeiouAIU]$)/, "$1U").replace(/^bu(?=[aeoiI])/, "bU");
  word = word.replace(/[uw](?=[aeoiIAy])/g, "w").replace(/(?<=.)[uw](?![aeoiIA])/g, "U");
  return word.replaceAll("y", "I").replaceAll("Y", "y").replace(/[aeiou]/g, (c) => c.toUpperCase());
}

function latin(parts) {
  return single(parts.map((part, n) => {
    const word = T.others[part] ?? part;
    if (parts.length > n + 1 && ARTICLES.test(word)) return "";
    return n && FAITH.test(word) ? "dIn" : one(word);
  }).join(""));
}

function letters(word) {
  word = word.replaceAll("ئي", "ي").replaceAll("ة", "A").replaceAll("ؤ", "ء");
  word = word.replace(/(?<=..)(?:(?<=[^وا])ه|(?<=[^وي])ح)$/u, "A").replace(/^ع/u, "ا").replace(/اء$/u, "ا");
  let heard = mapped(word, T.arabic).replace(/^و(?=.)|و(?=[اويA])/gu, "w").replace(/^ي(?=.)/u, "y");
  heard = heard.replace(/^ا+/u, "") || "ا";
  return mapped(heard, { "ا": "A", "و": "U", "ي": "I" });
}

function arabic(parts) {
  return single(parts.map((part) => {
    let word = T.maqsura.includes(part) ? part.slice(0, -1) + "ى" : part;
    if (word.startsWith("عبدال")) word = "عبد" + (word.slice(5) || "ة");
    if (word.startsWith("ال") && word.length > 3 && word !== "الياس") word = word.slice(2);
    if (word[0] === "ل" && word.length > 5) word = word.slice(1);
    if (word === "له") word = "لة";
    return letters(word.replace(/(?<=.)الدين$/u, "دين"));
  }).join(""));
}

function key(name) {
  const form = (isArabic(name) ? arabic : latin)(words(name));
  const body = form.replace(/^[AIUEO]+/, ""), consonants = body.replace(/[AIUEO]/g, "");
  return consonants ? consonants + (form.endsWith("A") && body.length > 1 ? "A" : "") : form;
}

function split(full) {
  const parts = full.split(/\s+/).filter(Boolean);
  let cut = 1;
  while (cut < parts.length && COMPOUND.test(parts[cut - 1])) cut += 1;
  if (cut < parts.length - 1 && AFTER.test(parts[cut])) cut += 1;
  return [parts.slice(0, cut).join(" "), parts.slice(cut).join(" ")];
}

const digits = (text) => text.replace(/[٠-٩۰-۹]/g, (c) => String(c.codePointAt(0) % 16));
function year(text) {
  const said = digits(text.trim()), now = new Date().getFullYear();
  const found = /^(\d{4})(?:[-/.]\d{1,2}[-/.]\d{1,2})?(?:[T ].*|\.0)?$/.exec(said) ?? /^\d{1,2}[-/.]\d{1,2}[-/.](\d{4})$/.exec(said);
  const number = found && Number(found[1]);
  return number && number >= now - 115 && number <= now ? number : null;
}
const sex = (text) => { const said = text.trim().toLowerCase().replace(/\.+$/, ""); return T.woman.includes(said) ? "F" : T.man.includes(said) ? "M" : null; };

// Codes
let secret, drawn;
async function bits(field, piece) {
  const name = `${field}|${piece}`;
  if (!drawn.has(name)) {
    const found = [];
    for (let block = 0; found.length < T.hashes[field]; block += 1) {
      const digest = new DataView(await crypto.subtle.sign("HMAC", secret, new TextEncoder().encode(`${name}|${block}`)));
      for (let n = 0; n < 32 && found.length < T.hashes[field]; n += 2) found.push(digest.getUint16(n) % T.bits);
    }
    drawn.set(name, found);
  }
  return drawn.get(name);
}
async function fill(set, field, name) {
  const padded = `_${name}_`;
  for (let n = 0; n < padded.length - 1; n += 1) for (const bit of await bits(field, padded.slice(n, n + 2))) set.add(bit);
}
function folded(set) {
  const half = T.bits / 2, code = new Uint8Array(half / 8);
  for (const bit of set) { const at = bit % half; code[code.length - 1 - (at >> 3)] ^= 1 << (at & 7); }
  return [...code].map((byte) => byte.toString(16).padStart(2, "0")).join("").replace(/^0+(?=.)/, "");
}
async function encode(row) {
  const [given, family] = row.full ? split(row.full) : [row.given || row.given_ar || "", row.family || row.family_ar || ""];
  const one = key(given.slice(0, 120)), other = key(family.slice(0, 120));
  if (!one || !other) return null;
  const set = new Set(), born = year(row.birth || row.year || ""), said = sex(row.sex || "");
  await fill(set, "given", one);
  await fill(set, "family", other);
  if (said) for (const bit of await bits("sex", said)) set.add(bit);
  const names = folded(set);
  if (!born) return [names, ""];
  for (const near of [born - 1, born, born + 1]) for (const bit of await bits("year", String(near))) set.add(bit);
  return [names, folded(set)];
}

// Files
function csv(text) {
  const first = text.split(/\r?\n/, 1)[0], rows = [[""]];
  const mark = [";", "\t", ","].sort((a, b) => first.split(b).length - first.split(a).length)[0];
  let quoted = false;
  for (let n = 0; n < text.length; n += 1) {
    const c = text[n], row = rows.at(-1);
    if (quoted) { if (c !== '"') row[row.length - 1] += c; else if (text[n + 1] === '"') { row[row.length - 1] += c; n += 1; } else quoted = false; }
    else if (c === '"') quoted = true;
    else if (c === mark) row.push("");
    else if (c === "\n") rows.push([""]);
    else if (c !== "\r") row[row.length - 1] += c;
  }
  return rows.filter((row) => row.some(Boolean));
}
async function unzipped(buffer) {
  const view = new DataView(buffer), files = {};
  let end = buffer.byteLength - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end -= 1;
  for (let at = view.getUint32(end + 16, true), left = view.getUint16(end + 10, true); left; left -= 1) {
    const [method, size, name, extra, note, start] = [view.getUint16(at + 10, true), view.getUint32(at + 20, true),
      view.getUint16(at + 28, true), view.getUint16(at + 30, true), view.getUint16(at + 32, true), view.getUint32(at + 42, true)];
    const path = new TextDecoder().decode(new Uint8Array(buffer, at + 46, name));
    const from = start + 30 + view.getUint16(start + 26, true) + view.getUint16(start + 28, true);
    files[path] = async () => {
      const packed = new Blob([new Uint8Array(buffer, from, size)]).stream();
      return new Response(method ? packed.pipeThrough(new DecompressionStream("deflate-raw")) : packed).text();
    };
    at += 46 + name + extra + note;
  }
  return files;
}
async function xlsx(buffer) {
  const files = await unzipped(buffer), xml = async (path) => new DOMParser().parseFromString(await files[path](), "text/xml");
  const all = (node, tag) => [...node.getElementsByTagName(tag)], text = (node) => all(node, "t").map((t) => t.textContent).join("");
  const shared = files["xl/sharedStrings.xml"] ? all(await xml("xl/sharedStrings.xml"), "si").map(text) : [];
  const sheet = Object.keys(files).filter((path) => /^xl\/worksheets\/sheet\d+\.xml$/.test(path)).sort((a, b) => a.length - b.length || (a < b ? -1 : 1))[0];
  return all(await xml(sheet), "row").map((row) => all(row, "c").reduce((cells, cell) => {
    const column = [...cell.getAttribute("r").replace(/\d/g, "")].reduce((sum, c) => sum * 26 + c.charCodeAt(0) - 64, 0) - 1;
    const value = all(cell, "v")[0]?.textContent ?? "", kind = cell.getAttribute("t");
    cells[column] = kind === "s" ? shared[Number(value)] : kind === "inlineStr" ? text(cell) : value;
    return cells;
  }, [])).map((row) => Array.from(row, (cell) => cell ?? "")).filter((row) => row.some(Boolean));
}
const folding = (text) => new Set(text.toLowerCase().replace(/[ةىأإآ]/g, (c) => ({ "ة": "ه", "ى": "ي" })[c] ?? "ا").normalize("NFKD").replace(/\p{M}/gu, "").split(/[^\p{L}\p{N}]+/u).filter(Boolean));
function columns(header) {
  const found = {};
  for (const [role, { words: groups, against }] of Object.entries(T.clues)) {
    let best = null;
    header.forEach((head, at) => {
      const said = folding(head);
      if (against.some((word) => said.has(word))) return;
      groups.forEach((group, rank) => { if (group.every((word) => said.has(word)) && (!best || rank < best[0])) best = [rank, at]; });
    });
    if (best) found[role] = best[1];
  }
  const apart = ["given", "family"].every((part) => part in found || `${part}_ar` in found) && found.given !== found.family;
  for (const role of apart ? ["full"] : "full" in found ? ["given", "family", "given_ar", "family_ar"] : []) delete found[role];
  return apart || "full" in found ? found : null;
}
async function coded(rows, typed) {
  drawn = new Map();
  secret = await crypto.subtle.importKey("raw", new TextEncoder().encode(typed.trim()), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const [header, ...lines] = rows, roles = columns(header.map(String));
  if (!roles) throw new Error("Aucune colonne de prénom et de nom : nommez-les « prenom » et « nom ».");
  const codes = new Map();
  let count = 0;
  for (const line of lines) {
    const row = Object.fromEntries(Object.entries(roles).map(([role, at]) => [role, String(line[at] ?? "").trim().replace(/\s+/g, " ")]));
    const code = await encode(row);
    if (code) { count += 1; codes.set(code.join(), code); }
  }
  const less = (a, b) => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
  const order = [...codes.values()].sort((a, b) => less(a[0], b[0]) || less(a[1], b[1]));
  return { count, without: lines.length - count, text: ["jalons-codes-1,names,whole", ...order.map(([a, b]) => `,${a},${b}`), ""].join("\r\n") };
}
async function rowsOf(file) {
  const buffer = await file.arrayBuffer();
  if (new Uint8Array(buffer, 0, 2).join() === "80,75") return xlsx(buffer);
  const text = new TextDecoder("utf-8").decode(buffer);
  return csv((text.includes("\ufffd") ? new TextDecoder("windows-1252").decode(buffer) : text).replace(/^\ufeff/, ""));
}
document.getElementById("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const told = document.getElementById("told"), file = document.getElementById("file").files[0];
  try {
    const { count, without, text } = await coded(await rowsOf(file), document.getElementById("key").value);
    const link = Object.assign(document.createElement("a"), {
      href: URL.createObjectURL(new Blob([text], { type: "text/csv" })), download: file.name.replace(/\.\w+$/, "") + ".codes.csv" });
    link.click();
    told.textContent = `${count} lignes codées, ${without} sans nom lisible. Envoyez le fichier .codes.csv, puis effacez la clé.\nتم ترميز ${count} سطراً.`;
  } catch (fault) {
    told.textContent = fault.message;
  }
});
