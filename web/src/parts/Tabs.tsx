import { type KeyboardEvent, type ReactNode, useId, useRef } from 'react';

export interface Tab {
  id: string;
  name: string;
  body: () => ReactNode;
}

/** Tabs as ARIA has them: one stop for Tab, arrows between them, the panel named by its tab. */
export function Tabs({ tabs, active, choose, label }: { tabs: Tab[]; active: string; choose: (id: string) => void; label: string }) {
  const base = useId();
  const list = useRef<HTMLDivElement>(null);
  const at = Math.max(0, tabs.findIndex((tab) => tab.id === active));
  const current = tabs[at];
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const next = tabs[(at + step + tabs.length) % tabs.length];
    if (step === 0 || !next) return;
    event.preventDefault();
    choose(next.id);
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>('[aria-selected="true"]')?.focus());
  };
  return (
    <>
      <div className="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={onKey}>
        {tabs.map((tab) => (
          <button key={tab.id} type="button" role="tab" id={`${base}-${tab.id}`} aria-selected={tab === current} aria-controls={`${base}-panel`} tabIndex={tab === current ? 0 : -1} onClick={() => choose(tab.id)} data-tab={tab.id}>
            {tab.name}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${base}-panel`} aria-labelledby={`${base}-${current?.id}`} className="page" style={{ minHeight: 0 }}>
        {current?.body()}
      </div>
    </>
  );
}
