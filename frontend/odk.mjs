// Repairs ODK Web Forms while it is bundled: its words go through globalThis.odkWord, its map asks no other host, its
// fields have labels. Each repair is counted: a version that moved one stops the build. See docs/decisions.
import fs from "node:fs";

// A literal as it stands in the code, with what comes before it when that alone is not sure; times, if not once.
const WORDS = {
  index: [
    ['label: ', '"Send"'], ['label: ', '"Remove"'], ["createTextVNode(", '" Add "'], ["", '"Choose image"'], ["", '"Take picture"'],
    ['null, ', '"Rank items"'], ["", '"1 question with error."'],
    ["Msg: ", '"Condition not satisfied: constraint"'], ["Msg: ", '"Condition not satisfied: required"'],
    ["literal: ", '"Repeat Item"'], ['"aria-label": ', '"change language"'], ["alt: ", '"Captured image preview"'],
    ["", '"🚧 Support for non-image uploads is pending. 🚧"'], ["label: ", '"Cancel"'], ["", '"Save location"'], ["null, ", '"Get location"'],
    ["null, ", '"Try again"'], ["", '"Good accuracy"', 2], ["", '"Poor accuracy"'], ["", '"Unknown accuracy"'], ["", '"Finding your location"'],
    ["", '" Location will be saved at "'], ["", '"Time taken to capture location: "'], ["", '" Previous saved location at "'],
    ["", '"Cannot access location"'], ["", '"Grant location permission in the browser settings and make sure location is turned on."'],
    ["", '"Location unavailable. Enable GPS and browser permissions, then restart the form to try again."'],
    ["", '" Unable to load map "'],
  ],
  MapBlock: [
    ["", '"Graphics issue detected"'], ["", '"Your browser cannot display the map now. Enable graphics acceleration settings."'],
    ["", '"Remove selection"'], ["", '"Save selected"'], ["", '"No trace saved"'], ["", '"No shape saved"'], ["", '"No point saved"'],
    ["", '"Point saved"', 2], ["", '"Trace saved"'], ["", '"Shape saved"'], ["", '"Feature saved"'], ["", '"Capturing location..."'],
    ['}, ', '"Remove"'], ["", '"Remove point"'], ["", '"View details"'], ["null, ", '"Advanced"'], ["", '"File is empty."'],
    ["", '"Unsupported file type. Please upload a .geojson file."'], ["", '"Failed to parse file. Ensure it is a valid GeoJSON."'],
    ["", '"Incorrect geometry type."'], ["null, ", '"Import data to replace location"', 2], ["", '"Paste data in ODK format"'],
    ["", '"Upload a GeoJSON file"'], ["", '"Upload file"'], ["label: ", '"Save"'], ["", '"Press and drag to move a point"'],
    ["", '"Tap to place a point"'], ["", '"Tap to move point"'], ["", '"Use the location button to center on your current location"'],
    ["null, ", '"Get location"'], ["", '"Cannot access location"'],
    ["", '"Grant location permission in the browser settings and make sure location is turned on."'],
  ],
};

const REPAIRS = {
  index: [
    ["`${QA} questions with errors.`", 'globalThis.odkWord("{n} questions with errors.", QA)'],
    // the page follows the form: drafts, and a form that does not open
    ["const gA = initializeFormState()", "const gA = globalThis.odkState = initializeFormState()"],
    // a sheet that cannot go shows the first question to see again, not the top of the page
    ["document.scrollingElement?.scrollTo(0, 0)", "globalThis.odkWrong()"],
    // the label of a number or of a date names its field
    ["createBlock(unref(script$f), {\n      id: eA.node.nodeId,", 'createBlock(unref(script$f), {\n      "input-id": eA.node.nodeId,'],
    ['"show-button-bar": "",', '"show-button-bar": "", "input-id": tA.question.nodeId,'],
    // what a screen reader says of a list, of a slider, of the menu of a row
    ['createBlock(unref(script$s), {\n      id: eA.question.nodeId,', 'createBlock(unref(script$s), {\n      id: eA.question.nodeId, "aria-label": eA.question.currentState.label?.asString,'],
    ['"input-id": eA.question.nodeId,\n      filter:', '"input-id": eA.question.nodeId, "aria-label": eA.question.currentState.label?.asString,\n      filter:'],
    ["createVNode(script$6, {\n          id: eA.node.nodeId,", 'createVNode(script$6, {\n          id: eA.node.nodeId, "aria-label": eA.node.currentState.label?.asString,'],
    ['class: "button-menu",', 'class: "button-menu", "aria-label": globalThis.odkWord("menu"),'],
    // the name of what a button folds, and of the one that takes a picture away
    ["toggleable: !0,\n      collapsed: AA.value", 'toggleable: !0, header: [eA.title, eA.labelNumber].filter(Boolean).join(" "),\n      collapsed: AA.value'],
    ['"title-formatted": eA.node.currentState.label?.formatted,', '"title-formatted": eA.node.currentState.label?.formatted, title: eA.node.currentState.label?.asString,'],
    ['class: "clear-button",', 'class: "clear-button", "aria-label": globalThis.odkWord("Remove"),'],
    // no link to another site below a form
    ['href: "https://getodk.org",\n            target: "_blank"', '"data-made-with": "odk"'],
  ],
  MapBlock: [["layers: [new wy({ source: new Xy() })]", "layers: []"]],
};

function replaced(text, from, to, times, file) {
  const found = text.split(from).length - 1;
  if (found !== times) throw new Error(`${file}: « ${from} » s’y trouve ${found} fois, et non ${times}. Revoyez odk.mjs pour cette version.`);
  return text.replaceAll(from, () => to);
}

export const odk = {
  name: "odk",
  setup(build) {
    build.onLoad({ filter: /@getodk\/web-forms\/dist\/(index|MapBlock)-.*\.js$/ }, ({ path }) => {
      const file = path.includes("MapBlock") ? "MapBlock" : "index";
      let text = fs.readFileSync(path, "utf8");
      for (const [before, word, times = 1] of WORDS[file]) text = replaced(text, before + word, `${before}globalThis.odkWord(${word})`, times, file);
      for (const [from, to] of REPAIRS[file]) text = replaced(text, from, to, 1, file);
      return { contents: text, loader: "js" };
    });
  },
};
