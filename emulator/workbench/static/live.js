// The list of the logins shows what happens as it happens.

import { listening, refreshing } from "./fresh.js";

const soon = refreshing("notice", "live");
listening(soon).addEventListener("exchange", soon);
