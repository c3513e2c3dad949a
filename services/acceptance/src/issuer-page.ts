type Person = { sub: string; name: string; email: string; says: string };

/**
 * The page on which somebody says who they are; looks like the dashboard's sign-in, so that the demo is of one piece.
 */
export function page(action: string, people: readonly Person[]): string {
  const buttons = people.map(({ sub, name, email, says }) => `
      <form method="post" action="${action}?as=${sub}">
        <button><strong>${name}</strong><span>${email} · ${says}</span></button>
      </form>`).join('');
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Demo sign-in</title>
  <style>
    :root { color-scheme: light dark; --ground: #faf8f5; --card: #fff; --ink: #29241e; --quiet: #6b6258; --line: #e2dbd1 }
    @media (prefers-color-scheme: dark) {
      :root { --ground: #171411; --card: #231f1b; --ink: #f3eee7; --quiet: #b1a79a; --line: #3a342d }
    }
    body { margin: 0; min-height: 100dvh; display: grid; place-content: center; padding: 1.5rem;
      background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }
    main { width: min(24rem, 100%) }
    h1 { font-size: 1.5rem; margin: 0 0 .25rem }
    p { color: var(--quiet); margin: 0 0 1.5rem }
    form { margin: 0 0 .75rem }
    button { width: 100%; min-height: 4rem; padding: .75rem 1rem; text-align: left; font: inherit; color: inherit;
      background: var(--card); border: 1px solid var(--line); border-radius: 1rem; cursor: pointer }
    button:hover { border-color: var(--quiet) }
    span { display: block; color: var(--quiet); font-size: .875rem }
    .cancel { min-height: 3rem; text-align: center; background: none; border-color: transparent; color: var(--quiet) }
  </style>
</head>
<body>
  <main>
    <h1>Who are you?</h1>
    <p>This demo has a sign-in service of its own, in the place of Google’s. Choose a person.</p>${buttons}
    <form method="post" action="${action}?cancel"><button class="cancel">Cancel</button></form>
  </main>
</body>
</html>`;
}
