// What is done to the XML of a sheet around the engine: identifiers, reason, first language.
const OWN = "https://jalons.example/entry";
const parse = (xml) => new DOMParser().parseFromString(xml, "text/xml");
const write = (tree) => new XMLSerializer().serializeToString(tree);

function metaOf(tree) {
  return [...tree.documentElement.children].find((child) => child.localName === "meta");
}
const within = (meta, name) => [...(meta?.children ?? [])].find((child) => child.localName === name);

export const instanceId = (xml) => within(metaOf(parse(xml)), "instanceID")?.textContent ?? "";

/** What the form calls this sheet, when it says so. */
export const instanceName = (xml) => within(metaOf(parse(xml)), "instanceName")?.textContent.trim() ?? "";

/** The sheet under its own name, saying which one it corrects and why. The engine takes any sheet opened again for a correction. */
export function settled(xml, { id, corrects = "", reason = "" }) {
  const tree = parse(xml);
  const meta = metaOf(tree);
  within(meta, "instanceID").textContent = id;
  within(meta, "deprecatedID")?.remove();
  within(meta, "reason")?.remove();
  const add = (name, text, namespace) => {
    const made = tree.createElementNS(namespace, name);
    made.textContent = text;
    meta.append(made);
  };
  if (corrects) add("deprecatedID", corrects, meta.namespaceURI);
  if (reason) add("reason", reason, OWN);
  return write(tree);
}

/** The form with the language of the page first. */
export function opening(xml, translation) {
  const tree = parse(xml);
  const all = [...tree.getElementsByTagNameNS("*", "translation")];
  const wanted = all.find((one) => one.getAttribute("lang") === translation);
  if (!wanted) return xml;
  all.forEach((one) => one.removeAttribute("default"));
  wanted.setAttribute("default", "true()");
  return write(tree);
}

/** What was answered, without the moments that the engine writes by itself. */
export const answered = (xml) => xml.replace(/<meta>.*<\/meta>/s, "").replace(/\d{4}-\d\d-\d\dT[\d:.]+([+-][\d:]+|Z)/g, "");
