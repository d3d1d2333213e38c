// Search, keys and copying for /api/docs. The page reads without it.
const search = document.getElementById("search");
const nothing = document.getElementById("nothing");
const contents = document.getElementById("contents");
const calls = [...document.querySelectorAll(".call")];
const links = new Map(
  [...document.querySelectorAll("nav li")].map((item) => [item.dataset.for, item]),
);
const wide = window.matchMedia("(min-width: 1000px)");

function showContents() {
  contents.open = wide.matches;
}

function filterCalls() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const call of calls) {
    const fits = words.every((word) => call.dataset.words.includes(word));
    call.hidden = !fits;
    const link = links.get(call.id);
    if (link) link.hidden = !fits;
    found += fits ? 1 : 0;
  }
  for (const section of document.querySelectorAll(".calls, nav section")) {
    section.hidden = !section.querySelector(".call:not([hidden]), li:not([hidden])");
  }
  nothing.hidden = found > 0;
}

function openTarget() {
  const call = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!call || !call.matches(".call")) return;
  if (call.hidden) {
    search.value = "";
    filterCalls();
  }
  call.open = true;
  if (!wide.matches) contents.open = false;
  call.scrollIntoView();
  call.querySelector("summary").focus({ preventScroll: true });
}

function step(by) {
  const shown = calls.filter((call) => !call.hidden);
  const now = shown.findIndex((call) => call.contains(document.activeElement));
  const next = shown[Math.min(Math.max(now + by, 0), shown.length - 1)];
  if (next) next.querySelector("summary").focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target === search) {
    if (event.key === "Escape") {
      search.value = "";
      filterCalls();
      search.blur();
    } else if (event.key === "Enter") {
      step(1);
    }
    return;
  }
  if (event.key === "/") {
    event.preventDefault();
    search.focus();
  } else if (event.key === "j") {
    step(1);
  } else if (event.key === "k") {
    step(-1);
  }
});

for (const button of document.querySelectorAll(".copy")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.previousElementSibling.textContent);
    button.textContent = "Copied";
    setTimeout(() => {
      button.textContent = "Copy";
    }, 1500);
  });
}

search.addEventListener("input", filterCalls);
window.addEventListener("hashchange", openTarget);
wide.addEventListener("change", showContents);
showContents();
openTarget();
