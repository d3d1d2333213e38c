/** What belongs to the person: account, desk, learning, and the ways out. */

import { UserRound } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { useMe, useSession } from "@/api/session";
import { Menu, MenuItem } from "@/ui/Menu";
import { useToast } from "@/ui/Toast";
import { useProblemText } from "@/i18n/problems";

const PAGES = [
  ["/account", "nav.account"],
  ["/disputes", "nav.disputes"],
  ["/desk", "nav.desk"],
  ["/learn", "nav.learn"],
  ["/help", "nav.help"],
] as const;

export function AccountMenu() {
  const { t } = useTranslation();
  const { signOut } = useSession();
  const me = useMe();
  const navigate = useNavigate();
  const tell = useToast();
  const textOf = useProblemText();
  const leave = async (everywhere: boolean) => {
    try {
      await signOut({ everywhere });
    } catch (thrown) {
      tell(textOf(thrown), "warn");
    }
    await navigate("/");
  };
  return (
    <Menu
      label={t("nav.accountOf", { name: me?.username ?? "" })}
      icon={<UserRound aria-hidden size={20} />}
    >
      {PAGES.map(([to, label]) => (
        <MenuItem key={to} to={to}>
          {t(label)}
        </MenuItem>
      ))}
      <MenuItem onSelect={() => void leave(false)}>{t("nav.signOut")}</MenuItem>
      <MenuItem onSelect={() => void leave(true)}>{t("nav.signOutEverywhere")}</MenuItem>
    </Menu>
  );
}
