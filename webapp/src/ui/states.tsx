/** The states of a screen that are not "full": loading, empty, failed, offline. */

import { isProblem } from "@iqx/contract";
import type { UseQueryResult } from "@tanstack/react-query";
import clsx from "clsx";
import { CloudOff, RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useProblemText } from "@/i18n/problems";

import { Button } from "./Button";
import { Note } from "./layout";

/** A grey shape of what is on its way; give it the size of the real thing. */
export function Skeleton({ className }: { className: string }) {
  return <span aria-hidden className={clsx("skeleton block rounded-md", className)} />;
}

/** Rows that are on their way. */
export function SkeletonRows({
  rows = 5,
  className = "h-14",
}: {
  rows?: number;
  className?: string;
}) {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t("loading")} className="grid gap-2">
      {Array.from({ length: rows }, (_, at) => (
        <Skeleton key={at} className={className} />
      ))}
    </div>
  );
}

/** Nothing here yet: what this is, and the first step. */
export function Empty(props: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="grid justify-items-center gap-3 py-10 text-center">
      <p className="text-base font-semibold">{props.title}</p>
      {props.children !== undefined && <p className="max-w-prose text-muted">{props.children}</p>}
      {props.action}
    </div>
  );
}

/** What happened, what is safe, what to do, and the name of the request for who helps. */
export function ErrorState({ thrown, onRetry }: { thrown: unknown; onRetry?: () => unknown }) {
  const { t } = useTranslation();
  const textOf = useProblemText();
  const requestId = isProblem(thrown) ? thrown.requestId : undefined;
  return (
    <div role="alert" className="grid justify-items-center gap-3 py-10 text-center">
      <p className="max-w-prose font-semibold">{textOf(thrown)}</p>
      <p className="max-w-prose text-muted">{t("error.safe")}</p>
      {onRetry !== undefined && (
        <Button onClick={() => void onRetry()}>
          <RotateCw aria-hidden size={18} /> {t("error.retry")}
        </Button>
      )}
      {requestId !== undefined && (
        <p className="text-sm text-muted">{t("error.requestId", { id: requestId })}</p>
      )}
    </div>
  );
}

/** No connection, and nothing from before to show. */
export function OfflineState() {
  const { t } = useTranslation();
  return (
    <div role="status" className="grid justify-items-center gap-3 py-10 text-center">
      <CloudOff aria-hidden size={32} className="text-muted" />
      <p className="font-semibold">{t("offline.title")}</p>
      <p className="max-w-prose text-muted">{t("offline.text")}</p>
    </div>
  );
}

/** Why something that was tried did not happen, beside its button. */
export function ProblemNote({ thrown }: { thrown: unknown }) {
  const { t } = useTranslation();
  const textOf = useProblemText();
  if (thrown === null || thrown === undefined) return null;
  const requestId = isProblem(thrown) && thrown.status >= 500 ? thrown.requestId : undefined;
  return (
    <Note kind="warn">
      {textOf(thrown)}
      {requestId !== undefined && (
        <span className="block text-sm text-muted">{t("error.requestId", { id: requestId })}</span>
      )}
    </Note>
  );
}

interface QueryViewProps<T> {
  query: Pick<
    UseQueryResult<T>,
    "data" | "error" | "isPending" | "fetchStatus" | "refetch" | "isError"
  >;
  skeleton?: ReactNode;
  children: (data: T) => ReactNode;
}

/** Draws what a query is: skeleton, offline, error, or its data, told to be old when it may be. */
export function QueryView<T>({ query, skeleton, children }: QueryViewProps<T>) {
  const { t } = useTranslation();
  if (query.data !== undefined) {
    return (
      <>
        {query.isError && <p className="mb-2 text-sm text-warn">{t("error.old")}</p>}
        {children(query.data)}
      </>
    );
  }
  if (query.isError) return <ErrorState thrown={query.error} onRetry={query.refetch} />;
  if (query.fetchStatus === "paused") return <OfflineState />;
  return skeleton ?? <SkeletonRows />;
}

interface LoadMoreProps {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}

/** The next page of a list; nothing when there is none. */
export function LoadMore({ query }: LoadMoreProps) {
  const { t } = useTranslation();
  if (!query.hasNextPage) return null;
  return (
    <div className="grid justify-items-center py-4">
      <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        {t("loadMore")}
      </Button>
    </div>
  );
}
