// A button that unfolds a short list of links. Escape and leaving it fold it again.
import { type KeyboardEvent, type ReactNode, useRef } from 'react';

export function Menu({ label, children, testid }: { label: string; children: ReactNode; testid: string }) {
  const box = useRef<HTMLDetailsElement>(null);
  const shut = () => {
    if (box.current) box.current.open = false;
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    shut();
    box.current?.querySelector('summary')?.focus();
  };
  return (
    <details ref={box} className="menu" onKeyDown={onKey} onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && shut()} onClick={(event) => event.target instanceof HTMLAnchorElement && shut()} data-testid={testid}>
      <summary>{label}</summary>
      <ul>{children}</ul>
    </details>
  );
}
