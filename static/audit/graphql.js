// Ctrl+Enter, or ⌘ Enter, runs the query.
document.querySelector("[data-explorer]")?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  event.currentTarget.requestSubmit();
});
