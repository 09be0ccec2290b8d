// Draws every chart of the page from the specification beside it. Nothing is evaluated (ast), nothing is styled inline.
const formats = {
  fr: { decimal: ",", thousands: "\u202f", grouping: [3], currency: ["", "\u00a0€"] },
  ar: { decimal: ",", thousands: "\u202f", grouping: [3], currency: ["", "\u00a0€"] },
};

function draw(figure) {
  const spec = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
  const options = {
    ast: true,
    actions: false,
    defaultStyle: false,
    renderer: "svg",
    tooltip: { disableDefaultStyle: true },
    formatLocale: formats[document.documentElement.lang],
  };
  vegaEmbed(figure.querySelector(".chart-live"), spec, options).then(() => figure.classList.add("is-live"));
}

document.querySelectorAll("figure.chart").forEach((figure) => figure.querySelector(".chart-live") && draw(figure));
document.addEventListener("htmx:afterSwap", (event) =>
  event.target.querySelectorAll?.("figure.chart:not(.is-live)").forEach((figure) => figure.querySelector(".chart-live") && draw(figure)),
);
