import type { ComponentChildren, ComponentType } from 'preact';

const colours = [
  ['ground', 'surface', 'raised', 'well', 'line', 'edge', 'ink', 'ink-quiet', 'on-ink'],
  ['lamp', 'lamp-ink', 'lamp-wash', 'lamp-pool', 'lamp-line', 'lamp-quiet', 'alarm', 'alarm-wash'],
];
const type = [
  ['page', 'Two switched on'], ['title', 'Hall board'], ['name', 'Reading lamp'], ['body', 'Switched on, 14:02'],
  ['small', 'A hint beneath a field'],
] as const;
const spaces = [1, 2, 3, 4, 5, 6, 7, 8];

type Frame = ComponentType<{ title: string; children: ComponentChildren }>;

/** Colours, type and space, straight from tokens.css. */
export function Foundations({ both: Both }: { both: Frame }) {
  return (
    <>
      <Both title="Colour">
        {colours.map((group) => (
          <ul class="design-swatches" key={group[0]}>
            {group.map((name) => (
              <li key={name}>
                <span class="design-swatch" style={{ background: `var(--${name})` }} />
                <code>{name}</code>
              </li>
            ))}
          </ul>
        ))}
      </Both>
      <Both title="Type">
        {type.map(([size, words]) => (
          <p key={size} class="design-type" style={{ fontSize: `var(--text-${size})` }}>{words}</p>
        ))}
      </Both>
      <Both title="Space">
        <ul class="design-spaces">
          {spaces.map((step) => (
            <li key={step}><code>{step}</code><span style={{ width: `var(--space-${step})` }} /></li>
          ))}
        </ul>
      </Both>
    </>
  );
}
