// The page of all that is on this device.
import { follow, keepOffline } from "./panel.js";

const page = JSON.parse(document.getElementById("entry-page").textContent);
const panel = follow(page, document.getElementById("kept"));
await panel.show();
await panel.go();
await keepOffline(page, [location.pathname]);
