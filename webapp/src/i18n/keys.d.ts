/** The keys of all texts, as the English files have them: an unknown key breaks the build. */

import type common from "./en/common.json";
import type problems from "./en/problems.json";
import type market from "./en/market.json";
import type orders from "./en/orders.json";
import type trade from "./en/trade.json";
import type wallet from "./en/wallet.json";
import type account from "./en/account.json";
import type disputes from "./en/disputes.json";
import type desk from "./en/desk.json";
import type publicPages from "./en/public.json";
import type learn from "./en/learn.json";
import type auth from "./en/auth.json";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    returnNull: false;
    resources: {
      common: typeof common;
      problems: typeof problems;
      market: typeof market;
      orders: typeof orders;
      trade: typeof trade;
      wallet: typeof wallet;
      account: typeof account;
      disputes: typeof disputes;
      desk: typeof desk;
      public: typeof publicPages;
      learn: typeof learn;
      auth: typeof auth;
    };
  }
}
