/** A small shop page: what the demo's pull request is about when nobody brings a repository. */
export const sampleProject: Record<string, string> = {
  'README.md': '# Corner Shop\n\nA page with a few buttons. Open `index.html` in a browser.\n',
  'index.html': `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Corner Shop</title>
    <link rel="stylesheet" href="styles/main.css">
  </head>
  <body>
    <h1>Corner Shop</h1>
    <p class="lead">Fresh bread, every morning.</p>
    <button class="button" id="order">Order</button>
    <button class="button button-quiet" id="later">Remind me later</button>
    <script src="scripts/order.js"></script>
  </body>
</html>
`,
  'styles/main.css': `body {
  font-family: system-ui, sans-serif;
  margin: 2rem;
}

.lead {
  color: #555;
}

.button {
  background: #0b5fff;
  border: 0;
  border-radius: 4px;
  color: white;
  padding: 0.5rem 1rem;
}

.button-quiet {
  background: #e5e9f0;
  color: #222;
}
`,
  'scripts/order.js': `const order = document.getElementById('order')
const later = document.getElementById('later')

order.addEventListener('click', () => {
  order.textContent = 'Ordered'
  order.disabled = true
})

later.addEventListener('click', () => {
  later.textContent = 'We will remind you'
})
`,
}

/** What the pull request changes: the demo's comment stands on it. */
export const sampleChange: Record<string, string> = {
  'scripts/order.js': `const order = document.getElementById('order')
const later = document.getElementById('later')

order.addEventListener('click', () => {
  order.textContent = 'Ordered'
  order.disabled = true
})

later.addEventListener('click', () => {
  later.textContent = 'We will remind you tomorrow'
  later.disabled = true
})
`,
}
