// Buttons that copy the value before them. Without a clipboard, or without scripts, there are none.

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("button.copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.previousElementSibling.textContent);
      const words = button.textContent;
      button.textContent = button.dataset.copied;
      setTimeout(() => { button.textContent = words; }, 1500);
    });
  }
}
