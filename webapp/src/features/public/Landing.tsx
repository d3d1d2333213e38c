/** The first page: what this is, what it costs today, how a trade goes, what protects the money. */

import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useSession } from "@/api/session";
import { ButtonLink } from "@/ui/Button";
import { Page, Section } from "@/ui/layout";
import { QueryView, SkeletonRows } from "@/ui/states";

import { useFigures } from "./figures";
import { FigureTable } from "./FigureTable";

const SHOWN = 6;
const STEPS = ["match", "escrow", "pay", "release"] as const;
const GUARDS = ["escrow", "people", "proof"] as const;

export function Screen() {
  const { t } = useTranslation("public");
  return (
    <Page title={t("landing.title")} lead={t("landing.lead")}>
      <FirstSteps />
      <Today />
      <Section title={t("landing.how")}>
        <ol className="grid gap-4 md:grid-cols-2 lg:grid-cols-4">
          {STEPS.map((step, at) => (
            <li key={step} className="border-t-2 border-accent pt-3">
              <p className="text-sm text-muted">{t("landing.step", { number: at + 1 })}</p>
              <h3 className="mb-1 font-semibold">{t(`landing.steps.${step}.title`)}</h3>
              <p className="text-muted">{t(`landing.steps.${step}.text`)}</p>
            </li>
          ))}
        </ol>
      </Section>
      <Section title={t("landing.safe")}>
        <ul className="grid gap-4 md:grid-cols-3">
          {GUARDS.map((guard) => (
            <li key={guard}>
              <h3 className="mb-1 font-semibold">{t(`landing.guards.${guard}.title`)}</h3>
              <p className="text-muted">{t(`landing.guards.${guard}.text`)}</p>
            </li>
          ))}
        </ul>
      </Section>
      <nav aria-label={t("landing.more")} className="flex flex-wrap gap-x-6 border-t border-line">
        <Further to="/fees" label={t("fees.title")} />
        <Further to="/help" label={t("help.title")} />
        <Further to="/status" label={t("status.title")} />
      </nav>
    </Page>
  );
}

function Further({ to, label }: { to: string; label: string }) {
  return (
    <Link to={to} className="flex min-h-11 items-center text-accent underline underline-offset-4">
      {label}
    </Link>
  );
}

function FirstSteps() {
  const { t } = useTranslation("public");
  const { phase } = useSession();
  return (
    <div className="mb-10 flex flex-wrap gap-3">
      <ButtonLink kind="primary" to="/markets">
        {t("landing.seePrices")}
      </ButtonLink>
      {phase === "visitor" && <ButtonLink to="/register">{t("landing.register")}</ButtonLink>}
    </div>
  );
}

function Today() {
  const { t } = useTranslation("public");
  const figures = useFigures();
  return (
    <Section
      title={t("landing.today")}
      actions={
        <Link to="/markets" className="flex min-h-11 items-center text-accent underline">
          {t("landing.allMarkets")}
        </Link>
      }
    >
      <QueryView query={figures} skeleton={<SkeletonRows rows={SHOWN} />}>
        {(found) => <FigureTable label={t("landing.today")} figures={found.slice(0, SHOWN)} />}
      </QueryView>
    </Section>
  );
}
