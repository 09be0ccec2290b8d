// Bundles the style sheets (left to right, right to left), the fonts and the script. Called by build.py.
import esbuild from "esbuild";
import { PurgeCSS } from "purgecss";

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

await Promise.all([
  sheet("app.css", "tabler.min.css"),
  sheet("app.rtl.css", "tabler.rtl.min.css"),
  esbuild.build({ ...shared, entryPoints: ["src/app.js"], outfile: `${OUT}/app.js`, format: "iife" }),
]);
