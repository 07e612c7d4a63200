// The device's time zone: sent along with the sign-in, kept where none has been chosen yet.
const YEAR_S = 365 * 24 * 3600;
const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
const shown = document.documentElement.dataset.zone; // only where the viewer has not chosen

for (const field of document.querySelectorAll("input[name=time_zone][type=hidden]")) {
  field.value = own ?? "";
}

if (own && shown) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `time_zone=${own}; Path=/; Max-Age=${YEAR_S}; SameSite=Lax${secure}`;
  const isKept = document.cookie.split("; ").includes(`time_zone=${own}`);
  if (isKept && own !== shown && document.querySelector("time")) location.reload();
}

export function offerOwnZone() {
  for (const button of document.querySelectorAll("[data-own-zone]")) {
    const isChosen = button.form.querySelector(`[aria-pressed=true][value="${CSS.escape(own)}"]`);
    button.hidden = !own || own === "UTC" || isChosen !== null;
    button.value = own;
    button.querySelector("span").textContent = own;
  }
}

offerOwnZone();
document.addEventListener("htmx:historyRestore", offerOwnZone);
