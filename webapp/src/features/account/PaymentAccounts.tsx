/** One's accounts on rails: where one is paid, and from where one pays. */

import { keys, type Schema } from "@iqx/contract";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useCommand, usePages } from "@/api/queries";
import { useClient } from "@/api/services";
import { Button } from "@/ui/Button";
import { Sheet } from "@/ui/Dialog";
import { Badge, List, Page, Row } from "@/ui/layout";
import { Empty, LoadMore, ProblemNote, QueryView } from "@/ui/states";
import { useToast } from "@/ui/Toast";

import { NewPaymentAccount } from "./NewPaymentAccount";
import { useProven } from "./proven";

export function Screen() {
  const { t } = useTranslation("account");
  const client = useClient();
  const [adding, setAdding] = useState(false);
  const query = usePages(keys.paymentAccounts(), (cursor, signal) =>
    client.get("/api/v1/me/payment-accounts", {
      query: cursor === undefined ? {} : { cursor },
      signal,
    }),
  );
  const add = (
    <Button kind="primary" onClick={() => setAdding(true)}>
      {t("payment.add")}
    </Button>
  );
  return (
    <Page title={t("pages.payment")} lead={t("payment.lead")} width="text" actions={add}>
      <QueryView query={query}>
        {() =>
          query.items?.length === 0 ? (
            <Empty title={t("payment.none")}>{t("payment.noneText")}</Empty>
          ) : (
            <List label={t("pages.payment")}>
              {query.items?.map((account) => (
                <AccountRow key={account.id} account={account} />
              ))}
            </List>
          )
        }
      </QueryView>
      <LoadMore query={query} />
      <Sheet open={adding} title={t("payment.add")} onClose={() => setAdding(false)}>
        <NewPaymentAccount onDone={() => setAdding(false)} />
      </Sheet>
    </Page>
  );
}

function AccountRow({ account }: { account: Schema<"PaymentAccount"> }) {
  const { t } = useTranslation("account");
  const client = useClient();
  const proven = useProven();
  const tell = useToast();
  const details = Object.values(account.details as Record<string, unknown>).map(String);
  const removing = useCommand(
    (id: string, { key }) =>
      proven(
        "payment_account",
        { method: "DELETE", path: `/api/v1/me/payment-accounts/${id}` },
        t("payment.removeTitle", { name: account.payment_method_name }),
        (stepUp) =>
          client.delete("/api/v1/me/payment-accounts/{id}", { path: { id }, key, stepUp }),
      ),
    {
      makesOld: [keys.paymentAccounts()],
      onDone: (done) => done && tell(t("payment.removed")),
    },
  );
  return (
    <Row>
      <div className="min-w-0">
        <p className="font-medium">
          {account.payment_method_name} · {account.currency}
        </p>
        <p className="text-sm break-words text-muted">
          <bdi>{details.join(" · ")}</bdi>
        </p>
        {account.holder_check === "differs" && (
          <Badge kind="warn">{t("payment.holderDiffers")}</Badge>
        )}
        <ProblemNote thrown={removing.error} />
      </div>
      <Button
        kind="quiet"
        busy={removing.isPending}
        aria-label={t("payment.removeTitle", { name: account.payment_method_name })}
        onClick={() => removing.mutate(account.id)}
      >
        <Trash2 aria-hidden size={18} /> {t("remove")}
      </Button>
    </Row>
  );
}
