// Bundles the style sheets (left to right, right to left), the fonts and the script. Called by build.py.
import esbuild from "esbuild";
import fs from "node:fs";
import { PurgeCSS } from "purgecss";
import { odk } from "./odk.mjs";

const OUT = "../jalons/core/static/jalons";
const TABLER = "node_modules/@tabler/core/dist/css/";
const BROWSERS = ["chrome109", "firefox115", "safari16.4"];

// Parts of Tabler that any template may use; the rest is kept only where a template names it.
const PARTS = [
  /^btn(-primary|-danger|-link|-sm|-list)?$/,
  /^form-(control|select|label|check|check-input|check-label|hint|fieldset|text)$/,
  /^(input-group|input-group-text|table|table-responsive|badge|alert|card|card-body|card-header|card-title|visually-hidden)$/,
  /^(row|col|col-auto|col-(md-|lg-)?\d+|g[xy]?-\d)$/,
  /^(is-invalid|invalid-feedback|list-unstyled|list-inline|list-inline-item)$/,
  /^(d-(none|flex|grid|block)|flex-(wrap|column|grow-1|fill)|gap-\d|[mp][tbsexy]?-\d|m[sexy]-auto|w-100)$/,
  /^(align-(items|self)-(start|end|center|baseline)|justify-content-(start|end|center|between))$/,
  /^(text-(end|center|nowrap|break|secondary)|fw-(bold|normal))$/,
];
const TAGS = ["html", "body", "dialog", "details", "summary", "progress", "fieldset", "legend", "figure", "textarea", "pre", "kbd", "mark", "small", "sub", "sup", "blockquote", "hr", "ol", "dl", "dd", "dt", "h4", "h5", "code", "address"];

async function tabler(file) {
  const [kept] = await new PurgeCSS().purge({
    css: [TABLER + file],
    content: ["../jalons/**/templates/**/*.html", "../jalons/**/forms.py", "src/**/*.js"],
    safelist: { standard: [...PARTS, ...TAGS], variables: [/^--tblr-(primary|body|border|link|bg|secondary|gray)/] },
    variables: true,
    keyframes: true,
    fontFace: true,
  });
  return kept.css;
}

const tablerPlugin = (file) => ({
  name: "tabler",
  setup(build) {
    build.onResolve({ filter: /^tabler$/ }, () => ({ path: file, namespace: "tabler" }));
    build.onLoad({ filter: /.*/, namespace: "tabler" }, async () => ({ contents: await tabler(file), loader: "css" }));
  },
});

const shared = { bundle: true, minify: true, target: BROWSERS, logLevel: "warning", loader: { ".woff2": "file" }, assetNames: "fonts/[name]" };
const sheet = (outfile, file) =>
  esbuild.build({ ...shared, entryPoints: ["src/css/app.css"], outfile: `${OUT}/${outfile}`, plugins: [tablerPlugin(file)] });

// Entry in the browser: the engine of forms is cut in parts, that its own page alone loads. parts.json names them, to keep them offline.
async function entry() {
  fs.rmSync(`${OUT}/entry`, { recursive: true, force: true });
  const { metafile } = await esbuild.build({
    ...shared, entryPoints: ["src/entry/fill.js", "src/entry/list.js", "src/entry/leaving.js", "src/entry/entry.css"], outdir: `${OUT}/entry`,
    format: "esm", splitting: true, target: "es2022", plugins: [odk], metafile: true,
    banner: { js: "globalThis.odkWord ??= (text) => text;" },
    define: {
      "process.env.NODE_ENV": '"production"', __VUE_OPTIONS_API__: "true", __VUE_PROD_DEVTOOLS__: "false",
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
    },
  });
  const names = Object.keys(metafile.outputs).map((name) => name.split("/").pop());
  fs.writeFileSync(`${OUT}/entry/parts.json`, JSON.stringify(names.filter((name) => name.endsWith(".js"))));
}

await Promise.all([
  entry(),
  sheet("app.css", "tabler.min.css"),
  sheet("app.rtl.css", "tabler.rtl.min.css"),
  esbuild.build({ ...shared, entryPoints: ["src/app.js"], outfile: `${OUT}/app.js`, format: "iife" }),
]);
