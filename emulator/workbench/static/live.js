// The list of the logins shows what happens as it happens.

import { listening, refreshing } from "./follow.js";

const soon = refreshing("live");
listening(soon).addEventListener("exchange", soon);
