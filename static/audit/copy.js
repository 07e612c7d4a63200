// Buttons that copy: a text (data-copy), an address (data-copy-link) or what an address answers
// (data-copy-from). A link that copies its address leads there without a script. Listens on the document, for buttons come and go with htmx.

function announce(text) {
  const announcer = document.getElementById("announcer");
  if (announcer) announcer.textContent = text;
}

// A browser writes to the clipboard only while it handles a click, so what is still being
// fetched is handed over as a promise.
async function copy(text, button) {
  announce(""); // so that the same words are said again
  try {
    if (typeof text === "string") await navigator.clipboard.writeText(text);
    else await navigator.clipboard.write([new ClipboardItem({ "text/plain": text })]);
    say(button, "Copied");
  } catch {
    say(button, "Could not copy");
  }
}

function say(button, text) {
  announce(text);
  if (!button || button.dataset.said) return;
  const label = [...button.childNodes].findLast((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  if (!label) return;
  const before = label.data;
  button.dataset.said = text;
  label.data = text;
  setTimeout(() => {
    label.data = before;
    delete button.dataset.said;
  }, 1600);
}

async function fetched(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(response.statusText);
  return new Blob([await response.text()], { type: "text/plain" });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy], [data-copy-link], [data-copy-from]");
  if (!button || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (button.matches("a")) event.preventDefault();
  if ("copy" in button.dataset) copy(button.dataset.copy, button);
  else if ("copyLink" in button.dataset) copy(new URL(button.dataset.copyLink, location).href, button);
  else copy(fetched(button.dataset.copyFrom), button);
});
