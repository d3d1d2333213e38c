/** A form for an account, made from the fields that its rail asks for. */

import { isProblem, keys, type Schema } from "@iqx/contract";
import { useQuery } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { useCommand } from "@/api/queries";
import { useClient } from "@/api/services";
import { currentLanguage } from "@/i18n";
import { Button } from "@/ui/Button";
import { Select } from "@/ui/choices";
import { Field } from "@/ui/Field";
import { Input } from "@/ui/inputs";
import { ProblemNote, QueryView } from "@/ui/states";
import { useToast } from "@/ui/Toast";

import { useProven } from "./proven";

type Method = Schema<"PaymentMethod">;
type RailField = Method["fields"][number];

export function NewPaymentAccount({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation("account");
  const client = useClient();
  const [currency, setCurrency] = useState("");
  const [methodId, setMethodId] = useState("");
  const language = currentLanguage();
  const currencies = useQuery({
    queryKey: ["currencies", language],
    queryFn: ({ signal }) => client.get("/api/v1/currencies", { query: { language }, signal }),
  });
  const methods = useQuery({
    queryKey: [...keys.paymentMethods(currency), language],
    queryFn: ({ signal }) =>
      client.get("/api/v1/payment-methods", { query: { currency, language, limit: 100 }, signal }),
    enabled: currency !== "",
  });
  const method = methods.data?.items.find((one) => one.id === methodId);
  return (
    <QueryView query={currencies}>
      {({ items }) => (
        <div className="grid gap-4">
          <Field label={t("payment.currency")} required>
            <Select
              value={currency}
              placeholder={t("choose")}
              options={items.map((one) => ({
                value: one.code,
                label: `${one.code} · ${one.name}`,
              }))}
              onChange={(code) => {
                setCurrency(code);
                setMethodId("");
              }}
            />
          </Field>
          {currency !== "" && (
            <Field label={t("payment.method")} required>
              <Select
                value={methodId}
                placeholder={t("choose")}
                options={(methods.data?.items ?? []).map((one) => ({
                  value: one.id,
                  label: one.name,
                }))}
                onChange={setMethodId}
              />
            </Field>
          )}
          {method !== undefined && <Details key={method.id} method={method} onDone={onDone} />}
        </div>
      )}
    </QueryView>
  );
}

function Details({ method, onDone }: { method: Method; onDone: () => void }) {
  const { t } = useTranslation("account");
  const client = useClient();
  const proven = useProven();
  const tell = useToast();
  const [details, setDetails] = useState<Record<string, string>>({});
  const adding = useCommand(
    (body: Schema<"NewPaymentAccount">, { key }) =>
      proven(
        "payment_account",
        { method: "POST", path: "/api/v1/me/payment-accounts", body: { ...body } },
        t("payment.proveAdd", { name: method.name }),
        (stepUp) => client.post("/api/v1/me/payment-accounts", { body, key, stepUp }),
      ),
    {
      makesOld: [keys.paymentAccounts()],
      onDone: (done) => {
        if (!done) return;
        tell(t("payment.added"));
        onDone();
      },
    },
  );
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const given = Object.entries(details).filter(([, value]) => value.trim() !== "");
    adding.mutate({ payment_method_id: method.id, details: Object.fromEntries(given) });
  };
  const errors = isProblem(adding.error) ? adding.error.errors : {};
  return (
    <form onSubmit={submit} className="grid gap-4">
      {method.fields.map((field) => (
        <RailInput
          key={field.name}
          field={field}
          value={details[field.name] ?? ""}
          error={errors[`details.${field.name}`]?.join(" ")}
          onChange={(value) => setDetails((was) => ({ ...was, [field.name]: value }))}
        />
      ))}
      <p className="text-sm text-muted">{t("payment.lockHint")}</p>
      <ProblemNote thrown={adding.error} />
      <Button type="submit" kind="primary" busy={adding.isPending}>
        {t("payment.save", { name: method.name })}
      </Button>
    </form>
  );
}

interface RailInputProps {
  field: RailField;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
}

function RailInput({ field, value, error, onChange }: RailInputProps) {
  const { t } = useTranslation("account");
  return (
    <Field label={field.label} error={error} required={field.required}>
      {field.options.length > 0 ? (
        <Select
          value={value}
          placeholder={t("choose")}
          options={field.options}
          onChange={onChange}
        />
      ) : (
        <Input
          value={value}
          required={field.required}
          maxLength={field.length_max}
          autoComplete="off"
          dir={field.kind === "name" ? "auto" : "ltr"}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
