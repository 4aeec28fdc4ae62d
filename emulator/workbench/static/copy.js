// Buttons that copy the value before them. Without a clipboard, or without scripts, there are none.

function reveal() {
  for (const button of document.querySelectorAll("button.copy[hidden]")) button.hidden = false;
}

if (navigator.clipboard) {
  reveal();
  document.addEventListener("fresh", reveal);
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button.copy");
    if (!button) return;
    await navigator.clipboard.writeText(button.previousElementSibling.textContent);
    const words = button.textContent;
    button.textContent = button.dataset.copied;
    setTimeout(() => { button.textContent = words; }, 1500);
  });
}
