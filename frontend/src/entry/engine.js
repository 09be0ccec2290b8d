// ODK's own web form engine, in the language of the page.
import { OdkWebForm, webFormsPlugin } from "@getodk/web-forms";
import { createApp, h, watch } from "vue";

const named = (language, options, date) => new Intl.DateTimeFormat(language, { timeZone: "UTC", ...options }).format(date);
const days = (language, weekday) => [...Array(7).keys()].map((n) => named(language, { weekday }, new Date(Date.UTC(2023, 0, 1 + n))));
const months = (language, month) => [...Array(12).keys()].map((n) => named(language, { month }, new Date(Date.UTC(2023, n, 1))));

function calendar(language, words) {
  const code = language === "ar" ? "ar-MA" : language;
  return {
    dayNames: days(code, "long"), dayNamesShort: days(code, "short"), dayNamesMin: days(code, "narrow"),
    monthNames: months(code, "long"), monthNamesShort: months(code, "short"), firstDayOfWeek: 1, dateFormat: "dd/mm/yy", ...words,
  };
}

// What the parts of the engine say wrongly to a screen reader, put right by their own options.
const RIGHT = {
  datepicker: {
    day: ({ context }) => ({ role: "button", "aria-selected": null, "aria-pressed": Boolean(context.selected) }),
    selectMonth: { "aria-label": null }, selectYear: { "aria-label": null }, // the month and the year that they show
  },
  select: { hiddenFirstFocusableEl: { role: null, "aria-hidden": null }, hiddenLastFocusableEl: { role: null, "aria-hidden": null } },
};

/** Bring the first question to see again in sight, once the engine has marked it. */
globalThis.odkWrong = () => setTimeout(() => document.querySelector(".question-container.highlight")?.scrollIntoView({ block: "center" }));

/** Show a form; resolves to the function that gives the sheet as it stands, rejects when the engine cannot open it. */
export function mounted(place, { formXml, attachment, trackDevice, editInstance, language, words, onSubmit }) {
  const app = createApp({
    setup: () => () =>
      h(OdkWebForm, { formXml, fetchFormAttachment: attachment, missingResourceBehavior: "BLANK", editInstance, trackDevice, onSubmit }),
  });
  app.use(webFormsPlugin);
  const { config } = app.config.globalProperties.$primevue;
  Object.assign(config.locale, calendar(language, words.calendar), words.aria, { aria: { ...config.locale.aria, ...words.aria } });
  config.pt = RIGHT;
  app.mount(place);
  return new Promise((resolve, reject) => {
    const state = globalThis.odkState;
    watch(
      state,
      ({ status, error, root }) => {
        if (status === "FORM_STATE_FAILURE") {
          app.unmount();
          reject(error);
        }
        if (root) resolve({ now: () => state.value.root.prepareInstancePayload({ payloadType: "monolithic" }), close: () => app.unmount() });
      },
      { immediate: true },
    );
  });
}
